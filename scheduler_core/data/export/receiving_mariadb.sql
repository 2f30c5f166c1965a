-- The tables that receive Shopwright's releases, on MariaDB. Rows are only ever added; shopwright_current is what is in force.
-- Tables of an earlier version get the column epoch by the same SQL: run it again.
-- Shopwright's account there: GRANT SELECT, INSERT on shopwright_release and shopwright_dispatch, nothing else.
CREATE TABLE IF NOT EXISTS shopwright_release(
 approval_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
 plant VARCHAR(128) NOT NULL, release_no BIGINT NOT NULL CHECK(release_no>=1),
 schedule_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, content_sha256 CHAR(64) NOT NULL,
 approver VARCHAR(128) NOT NULL, comment LONGTEXT NOT NULL, override_reason LONGTEXT, approved_at DATETIME(6) NOT NULL,
 timezone VARCHAR(128) NOT NULL, operations BIGINT NOT NULL, message_sha256 CHAR(64) NOT NULL,
 received_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, epoch BIGINT NOT NULL DEFAULT 0, UNIQUE(plant,release_no))
 ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
ALTER TABLE shopwright_release ADD COLUMN IF NOT EXISTS epoch BIGINT NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS shopwright_dispatch(
 approval_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, machine BIGINT NOT NULL, position BIGINT NOT NULL,
 machine_name LONGTEXT NOT NULL, job VARCHAR(128) NOT NULL, sequence BIGINT NOT NULL, process LONGTEXT NOT NULL,
 product LONGTEXT, quantity DOUBLE, setup_minutes BIGINT NOT NULL, starts DATETIME NOT NULL, ends DATETIME NOT NULL,
 due DATETIME, PRIMARY KEY(approval_id,machine,position),
 FOREIGN KEY(approval_id) REFERENCES shopwright_release(approval_id))
 ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE OR REPLACE VIEW shopwright_current AS
 SELECT r.plant, r.release_no, d.* FROM shopwright_dispatch d JOIN shopwright_release r ON r.approval_id=d.approval_id
 WHERE r.release_no=(SELECT MAX(n.release_no) FROM shopwright_release n WHERE n.plant=r.plant);
