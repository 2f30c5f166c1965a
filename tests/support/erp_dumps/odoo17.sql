-- A plant in Odoo 17: the tables that a pull reads, with the column types of 17.0 on PostgreSQL, and rows made up.
-- Every moment is UTC; the plant is in Brussels (one hour ahead until 29 March 2026).
CREATE TABLE product_template (id integer PRIMARY KEY, name jsonb NOT NULL, default_code character varying, active boolean);
CREATE TABLE product_product (id integer PRIMARY KEY, product_tmpl_id integer NOT NULL, default_code character varying, active boolean);
CREATE TABLE resource_calendar (
  id integer PRIMARY KEY, name character varying NOT NULL, company_id integer, tz character varying NOT NULL,
  hours_per_day double precision, two_weeks_calendar boolean, active boolean
);
CREATE TABLE resource_calendar_attendance (
  id integer PRIMARY KEY, name character varying NOT NULL, calendar_id integer NOT NULL, dayofweek character varying NOT NULL,
  hour_from double precision NOT NULL, hour_to double precision NOT NULL, day_period character varying NOT NULL,
  week_type character varying, display_type character varying, resource_id integer, date_from date, date_to date, sequence integer
);
CREATE TABLE resource_resource (
  id integer PRIMARY KEY, name character varying NOT NULL, company_id integer, calendar_id integer,
  resource_type character varying NOT NULL, time_efficiency double precision NOT NULL, tz character varying NOT NULL, active boolean
);
CREATE TABLE resource_calendar_leaves (
  id integer PRIMARY KEY, name character varying, company_id integer, calendar_id integer, resource_id integer,
  date_from timestamp without time zone NOT NULL, date_to timestamp without time zone NOT NULL, time_type character varying
);
CREATE TABLE mrp_workcenter (
  id integer PRIMARY KEY, resource_id integer NOT NULL, resource_calendar_id integer, company_id integer, name character varying,
  code character varying, working_state character varying, default_capacity double precision, time_start double precision,
  time_stop double precision, sequence integer NOT NULL, active boolean
);
CREATE TABLE mrp_workcenter_capacity (
  id integer PRIMARY KEY, workcenter_id integer NOT NULL, product_id integer NOT NULL, capacity double precision,
  time_start double precision, time_stop double precision
);
CREATE TABLE mrp_workcenter_alternative_rel (workcenter_id integer NOT NULL, alternative_workcenter_id integer NOT NULL);
CREATE TABLE mrp_routing_workcenter (id integer PRIMARY KEY, name character varying NOT NULL, workcenter_id integer NOT NULL, sequence integer);
CREATE TABLE mrp_production (
  id integer PRIMARY KEY, name character varying, product_id integer NOT NULL, company_id integer NOT NULL,
  product_qty numeric NOT NULL, qty_producing numeric, priority character varying, state character varying,
  reservation_state character varying, date_deadline timestamp without time zone, date_start timestamp without time zone NOT NULL,
  date_finished timestamp without time zone, is_planned boolean, allow_workorder_dependencies boolean
);
CREATE TABLE mrp_workorder (
  id integer PRIMARY KEY, name character varying NOT NULL, production_id integer NOT NULL, workcenter_id integer NOT NULL,
  operation_id integer, state character varying, duration_expected numeric, duration double precision,
  duration_unit double precision, qty_produced numeric, qty_reported_from_previous_wo numeric, leave_id integer,
  date_start timestamp without time zone, date_finished timestamp without time zone
);
CREATE TABLE mrp_workorder_dependencies_rel (workorder_id integer NOT NULL, blocked_by_id integer NOT NULL);
CREATE TABLE mrp_workcenter_productivity (
  id integer PRIMARY KEY, workcenter_id integer NOT NULL, workorder_id integer, loss_id integer NOT NULL,
  date_start timestamp without time zone NOT NULL, date_end timestamp without time zone, duration double precision
);
INSERT INTO product_template VALUES (1, '{"en_US": "Table", "fr_BE": "Table"}', NULL, TRUE), (2, '{"en_US": "Desk"}', 'DESK-2', TRUE);
INSERT INTO product_product VALUES (1, 1, NULL, TRUE), (2, 2, 'DESK-2', TRUE);
INSERT INTO resource_calendar VALUES
  (1, 'Standard 40 hours/week', 1, 'Europe/Brussels', 8, FALSE, TRUE), (2, 'Early and late', 1, 'Europe/Brussels', 8, TRUE, TRUE);
INSERT INTO resource_calendar_attendance (id, name, calendar_id, dayofweek, hour_from, hour_to, day_period, week_type, display_type) VALUES
  (1, 'Monday Morning', 1, '0', 8, 12, 'morning', NULL, NULL), (2, 'Monday Lunch', 1, '0', 12, 13, 'lunch', NULL, NULL),
  (3, 'Monday Afternoon', 1, '0', 13, 17.5, 'afternoon', NULL, NULL),
  (4, 'Tuesday Morning', 1, '1', 8, 12, 'morning', NULL, NULL), (5, 'Tuesday Afternoon', 1, '1', 13, 17.5, 'afternoon', NULL, NULL),
  (6, 'Wednesday Morning', 1, '2', 8, 12, 'morning', NULL, NULL), (7, 'Wednesday Afternoon', 1, '2', 13, 17.5, 'afternoon', NULL, NULL),
  (8, 'Thursday Morning', 1, '3', 8, 12, 'morning', NULL, NULL), (9, 'Thursday Afternoon', 1, '3', 13, 17.5, 'afternoon', NULL, NULL),
  (10, 'Friday Morning', 1, '4', 8, 12, 'morning', NULL, NULL),
  (20, 'First week', 2, '0', 0, 0, 'morning', '0', 'line_section'), (21, 'Second week', 2, '0', 0, 0, 'morning', '1', 'line_section'),
  (22, 'Monday early', 2, '0', 6, 14, 'morning', '1', NULL), (23, 'Wednesday early', 2, '2', 6, 14, 'morning', '1', NULL),
  (24, 'Monday late', 2, '0', 14, 22, 'afternoon', '0', NULL), (25, 'Wednesday late', 2, '2', 14, 22, 'afternoon', '0', NULL),
  (26, 'Friday', 2, '4', 6, 14, 'morning', '0', NULL), (27, 'Friday', 2, '4', 6, 14, 'morning', '1', NULL);
INSERT INTO resource_resource VALUES
  (1, 'Assembly Line 1', 1, 1, 'material', 100, 'Europe/Brussels', TRUE), (2, 'Assembly Line 2', 1, 1, 'material', 50, 'Europe/Brussels', TRUE),
  (3, 'Drill Station 1', 1, 2, 'material', 100, 'Europe/Brussels', TRUE), (4, 'Paint', 1, 1, 'material', 100, 'Europe/Brussels', TRUE),
  (5, 'Old Saw', 1, 1, 'material', 100, 'Europe/Brussels', FALSE), (6, 'Anna', 1, 1, 'user', 100, 'Europe/Brussels', TRUE);
INSERT INTO mrp_workcenter (id, resource_id, resource_calendar_id, company_id, name, working_state, default_capacity, time_start, time_stop, sequence, active) VALUES
  (1, 1, 1, 1, 'Assembly Line 1', 'done', 1, 0, 0, 1, TRUE), (2, 2, 1, 1, 'Assembly Line 2', 'normal', 2, 5, 0, 2, TRUE),
  (3, 3, 2, 1, 'Drill Station 1', 'normal', 1, 10, 5, 3, TRUE), (4, 4, 1, 1, 'Paint', 'blocked', 1, 0, 0, 4, TRUE),
  (5, 5, 1, 1, 'Old Saw', 'normal', 1, 0, 0, 5, FALSE);
INSERT INTO mrp_workcenter_capacity VALUES (1, 3, 2, 1, 20, 5);
INSERT INTO mrp_workcenter_alternative_rel VALUES (1, 2), (1, 5);
INSERT INTO mrp_routing_workcenter VALUES (1, 'Drill', 3, 10), (2, 'Assemble', 1, 20), (3, 'Sand', 1, 15);
INSERT INTO resource_calendar_leaves VALUES
  (1, 'Company day', 1, NULL, NULL, '2026-03-02 23:00:00', '2026-03-03 22:59:59', 'leave'),
  (2, 'Maintenance', 1, 1, 2, '2026-03-02 07:00:00', '2026-03-02 11:00:00', 'leave'),
  (3, 'WH/MO/00001 - Assemble', 1, 1, 1, '2026-03-04 07:00:00', '2026-03-04 09:00:00', 'other'),
  (4, 'Anna: holidays', 1, 1, 6, '2026-03-04 07:00:00', '2026-03-13 16:00:00', 'leave');
INSERT INTO mrp_production (id, name, product_id, company_id, product_qty, priority, state, reservation_state, date_deadline, date_start) VALUES
  (1, 'WH/MO/00001', 1, 1, 12, '1', 'confirmed', 'assigned', '2026-03-04 22:30:00', '2026-03-04 07:00:00'),
  (2, 'WH/MO/00002', 2, 1, 10, '0', 'progress', 'assigned', '2026-03-06 16:00:00', '2026-02-27 08:00:00'),
  (3, 'WH/MO/00003', 1, 1, 5, '0', 'draft', NULL, NULL, '2026-03-02 07:00:00'),
  (4, 'WH/MO/00004', 1, 1, 5, '0', 'done', NULL, '2026-02-20 16:00:00', '2026-02-19 07:00:00'),
  (5, 'WH/MO/00005', 1, 1, 5, '0', 'to_close', 'assigned', NULL, '2026-02-27 07:00:00'),
  (6, 'WH/MO/00006', 2, 1, 3, '0', 'confirmed', 'waiting', '2026-03-31 21:30:00', '2026-03-05 06:30:30'),
  (7, 'WH/MO/00007', 2, 1, 3, '0', 'cancel', NULL, NULL, '2026-03-05 06:30:00'),
  (8, 'WH/MO/00008', 1, 1, 3, '0', 'confirmed', 'assigned', NULL, '2026-03-05 06:30:00');
INSERT INTO mrp_workorder (id, name, production_id, workcenter_id, operation_id, state, duration_expected, duration, qty_produced, qty_reported_from_previous_wo) VALUES
  (12, 'Assemble', 1, 1, 2, 'pending', 120, 0, 0, 0), (11, 'Drill', 1, 3, 1, 'ready', 75, 0, 0, 0),
  (21, 'Drill', 2, 3, 1, 'done', 60, 55, 10, 0), (22, 'Assemble', 2, 1, 2, 'progress', 100, 40, 4, 0),
  (51, 'Assemble', 5, 1, 2, 'done', 50, 50, 5, 0),
  (61, 'Drill', 6, 3, 1, 'waiting', 55, 0, 0, 0), (62, 'Sand', 6, 1, 3, 'pending', 30, 0, 0, 0), (63, 'Assemble', 6, 1, 2, 'pending', 40, 0, 0, 0),
  (81, 'Paint', 8, 4, NULL, 'ready', 30, 0, 0, 0);
INSERT INTO mrp_workorder_dependencies_rel VALUES (12, 11), (22, 21), (62, 61), (63, 61);
INSERT INTO mrp_workcenter_productivity VALUES
  (1, 3, 21, 7, '2026-02-27 08:00:00', '2026-02-27 08:55:00', 55), (2, 1, 22, 7, '2026-02-27 14:00:00', '2026-02-27 14:40:00', 40),
  (3, 1, 22, 7, '2026-03-02 06:55:00', NULL, 0);
