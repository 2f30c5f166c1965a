-- Run on the ERP's server. Replace the database `erp`, the host '%' and the password 'change-me'.
-- It may look and nothing else, with TLS, ten connections at most, no statement longer than two minutes.
-- Shopwright opens every transaction here READ ONLY as well, and sets max_statement_time for itself.
-- REQUIRE SSL: a server without TLS (MariaDB before 11.4, unless it is set up) turns the account away: 'Access denied'.
-- For a server on the board's own machine alone, leave REQUIRE SSL out and replace '%' by 'localhost'.
CREATE USER IF NOT EXISTS 'shopwright_reader'@'%' IDENTIFIED BY 'change-me' REQUIRE SSL
  WITH MAX_USER_CONNECTIONS 10 MAX_STATEMENT_TIME 120;
-- Rights on the tables of the mapping alone are enough: then grant these one by one instead, such as
-- GRANT SELECT ON `erp`.`tbl_jo_txn` TO 'shopwright_reader'@'%';
GRANT SELECT ON `erp`.* TO 'shopwright_reader'@'%';
