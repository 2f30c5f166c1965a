-- Run on the store's server. Replace the database `shopwright`, the host '%' and the password 'change-me'.
-- Used for 'shopwright db upgrade' and 'shopwright db restore' alone, never by the dashboard.
-- The triggers that keep the records belong to it: keep the account. With log_bin on, creating triggers also needs
-- log_bin_trust_function_creators=1.
CREATE DATABASE IF NOT EXISTS `shopwright` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- REQUIRE SSL: a server without TLS (MariaDB before 11.4, unless it is set up) turns the account away: 'Access denied'.
-- For a server on the board's own machine alone, leave REQUIRE SSL out and replace '%' by 'localhost'.
CREATE USER IF NOT EXISTS 'shopwright_migrator'@'%' IDENTIFIED BY 'change-me' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5;
GRANT SELECT, INSERT, UPDATE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER ON `shopwright`.* TO 'shopwright_migrator'@'%';
