-- The tables that receive Shopwright's releases, on SQLite. Rows are only ever added; shopwright_current is what is in force.
-- Tables of an earlier version: ALTER TABLE shopwright_release ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0
CREATE TABLE IF NOT EXISTS shopwright_release(
 approval_id TEXT NOT NULL PRIMARY KEY, plant TEXT NOT NULL, release_no INTEGER NOT NULL CHECK(release_no>=1),
 schedule_id TEXT NOT NULL, content_sha256 TEXT NOT NULL, approver TEXT NOT NULL, comment TEXT NOT NULL,
 override_reason TEXT, approved_at TEXT NOT NULL, timezone TEXT NOT NULL, operations INTEGER NOT NULL,
 message_sha256 TEXT NOT NULL, received_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
 epoch INTEGER NOT NULL DEFAULT 0, UNIQUE(plant,release_no)) STRICT;
CREATE TABLE IF NOT EXISTS shopwright_dispatch(
 approval_id TEXT NOT NULL, machine INTEGER NOT NULL, position INTEGER NOT NULL, machine_name TEXT NOT NULL,
 job TEXT NOT NULL, sequence INTEGER NOT NULL, process TEXT NOT NULL, product TEXT, quantity REAL,
 setup_minutes INTEGER NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL, due TEXT,
 PRIMARY KEY(approval_id,machine,position), FOREIGN KEY(approval_id) REFERENCES shopwright_release(approval_id)) STRICT;
CREATE VIEW IF NOT EXISTS shopwright_current AS
 SELECT r.plant, r.release_no, d.* FROM shopwright_dispatch d JOIN shopwright_release r ON r.approval_id=d.approval_id
 WHERE r.release_no=(SELECT MAX(n.release_no) FROM shopwright_release n WHERE n.plant=r.plant);
