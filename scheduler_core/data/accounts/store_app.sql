-- Run on the store's server after 'shopwright db upgrade' (a right on a table needs the table), and again after each upgrade.
-- Replace the database `shopwright`, the host '%' and the password 'change-me'.
-- The daily account adds rows everywhere and changes them only where something has a state. It has no DELETE, DROP, ALTER or
-- CREATE: TRUNCATE, which would go around the triggers that keep the records, needs DROP.
-- REQUIRE SSL: a server without TLS (MariaDB before 11.4, unless it is set up) turns the account away: 'Access denied'.
-- For a server on the board's own machine alone, leave REQUIRE SSL out and replace '%' by 'localhost'.
CREATE USER IF NOT EXISTS 'shopwright_app'@'%' IDENTIFIED BY 'change-me' REQUIRE SSL WITH MAX_USER_CONNECTIONS 60;
GRANT SELECT, INSERT ON `shopwright`.* TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`run` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`outbox` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`plant_rule` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`exporter_heartbeat` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`alert_sender` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`alert_host` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`automation_host` TO 'shopwright_app'@'%';
GRANT UPDATE ON `shopwright`.`service_token_used` TO 'shopwright_app'@'%';
