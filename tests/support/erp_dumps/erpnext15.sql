-- A plant in ERPNext 15: the tables that a pull reads, with the types and standard columns of version-15, and rows made up.
-- Saw, two lathes, an assembly with two places, a paint shop in maintenance. Tuesday, 3 March 2026, is a day off.
CREATE TABLE `tabWork Order` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `creation` datetime(6), `modified` datetime(6), `owner` varchar(140),
  `docstatus` int(1) NOT NULL DEFAULT 0, `idx` int(8) NOT NULL DEFAULT 0, `naming_series` varchar(140),
  `status` varchar(140) DEFAULT 'Draft', `production_item` varchar(140), `item_name` varchar(140), `bom_no` varchar(140),
  `company` varchar(140), `qty` decimal(21,9) NOT NULL DEFAULT 1.000000000, `produced_qty` decimal(21,9) NOT NULL DEFAULT 0,
  `process_loss_qty` decimal(21,9) NOT NULL DEFAULT 0, `planned_start_date` datetime(6), `planned_end_date` datetime(6),
  `expected_delivery_date` date, `actual_start_date` datetime(6), `lead_time` decimal(21,9) NOT NULL DEFAULT 0
);
CREATE TABLE `tabWork Order Operation` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `creation` datetime(6), `docstatus` int(1) NOT NULL DEFAULT 0,
  `idx` int(8) NOT NULL DEFAULT 0, `parent` varchar(140), `parentfield` varchar(140), `parenttype` varchar(140),
  `operation` varchar(140), `status` varchar(140) DEFAULT 'Pending', `completed_qty` decimal(21,9) NOT NULL DEFAULT 0,
  `process_loss_qty` decimal(21,9) NOT NULL DEFAULT 0, `workstation_type` varchar(140), `workstation` varchar(140),
  `sequence_id` int(11) NOT NULL DEFAULT 0, `time_in_mins` decimal(21,9) NOT NULL DEFAULT 0,
  `batch_size` decimal(21,9) NOT NULL DEFAULT 0, `planned_start_time` datetime(6), `hour_rate` decimal(21,9) NOT NULL DEFAULT 0
);
CREATE TABLE `tabJob Card` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `creation` datetime(6), `modified` datetime(6), `docstatus` int(1) NOT NULL DEFAULT 0,
  `work_order` varchar(140), `operation` varchar(140), `operation_id` varchar(140), `workstation` varchar(140),
  `status` varchar(140) DEFAULT 'Open', `for_quantity` decimal(21,9) NOT NULL DEFAULT 0,
  `total_completed_qty` decimal(21,9) NOT NULL DEFAULT 0, `process_loss_qty` decimal(21,9) NOT NULL DEFAULT 0,
  `is_corrective_job_card` int(1) NOT NULL DEFAULT 0
);
CREATE TABLE `tabJob Card Time Log` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `idx` int(8) NOT NULL DEFAULT 0, `parent` varchar(140), `parenttype` varchar(140),
  `from_time` datetime(6), `to_time` datetime(6), `completed_qty` decimal(21,9) NOT NULL DEFAULT 0
);
CREATE TABLE `tabWorkstation` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `creation` datetime(6), `docstatus` int(1) NOT NULL DEFAULT 0,
  `workstation_name` varchar(140), `workstation_type` varchar(140), `production_capacity` int(11) NOT NULL DEFAULT 1,
  `status` varchar(140), `holiday_list` varchar(140), `total_working_hours` decimal(21,9) NOT NULL DEFAULT 0
);
CREATE TABLE `tabWorkstation Working Hour` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `idx` int(8) NOT NULL DEFAULT 0, `parent` varchar(140), `parenttype` varchar(140),
  `start_time` time(6), `hours` decimal(21,9) NOT NULL DEFAULT 0, `end_time` time(6), `enabled` int(1) NOT NULL DEFAULT 1
);
CREATE TABLE `tabHoliday` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `idx` int(8) NOT NULL DEFAULT 0, `parent` varchar(140), `parenttype` varchar(140),
  `holiday_date` date, `description` longtext, `weekly_off` int(1) NOT NULL DEFAULT 0
);
CREATE TABLE `tabDowntime Entry` (
  `name` varchar(140) NOT NULL PRIMARY KEY, `creation` datetime(6), `workstation` varchar(140), `operator` varchar(140),
  `from_time` datetime(6), `to_time` datetime(6), `downtime` decimal(21,9) NOT NULL DEFAULT 0, `stop_reason` varchar(140)
);
INSERT INTO `tabWorkstation` (`name`, `workstation_name`, `workstation_type`, `production_capacity`, `status`, `holiday_list`) VALUES
  ('Saw 1', 'Saw 1', 'Sawing', 1, 'Off', 'Plant 2026'),
  ('Lathe 1', 'Lathe 1', 'Turning', 1, 'Idle', 'Plant 2026'),
  ('Lathe 2', 'Lathe 2', 'Turning', 1, 'Production', 'Plant 2026'),
  ('Assembly', 'Assembly', NULL, 2, 'Off', 'Plant 2026'),
  ('Oven', 'Oven', 'Heat', 1, 'Setup', NULL),
  ('Paint 1', 'Paint 1', 'Painting', 1, 'Maintenance', 'Plant 2026');
INSERT INTO `tabWorkstation Working Hour` (`name`, `idx`, `parent`, `parenttype`, `start_time`, `end_time`, `enabled`) VALUES
  ('h1', 1, 'Saw 1', 'Workstation', '08:00:00.000000', '12:00:00.000000', 1),
  ('h2', 2, 'Saw 1', 'Workstation', '13:00:00.000000', '17:00:00.000000', 1),
  ('h3', 1, 'Lathe 1', 'Workstation', '08:00:00.000000', '12:00:00.000000', 1),
  ('h4', 2, 'Lathe 1', 'Workstation', '13:00:00.000000', '17:00:00.000000', 1),
  ('h5', 1, 'Lathe 2', 'Workstation', '08:00:00.000000', '12:00:00.000000', 1),
  ('h6', 2, 'Lathe 2', 'Workstation', '13:00:00.000000', '17:00:00.000000', 1),
  ('h7', 3, 'Lathe 2', 'Workstation', '17:00:00.000000', '22:00:00.000000', 0),
  ('h8', 1, 'Assembly', 'Workstation', '08:00:00.000000', '16:00:00.000000', 1),
  ('h9', 1, 'Paint 1', 'Workstation', '08:00:00.000000', '16:00:00.000000', 1);
INSERT INTO `tabHoliday` (`name`, `idx`, `parent`, `parenttype`, `holiday_date`, `description`, `weekly_off`) VALUES
  ('d1', 1, 'Plant 2026', 'Holiday List', '2026-03-01', 'Sunday', 1),
  ('d2', 2, 'Plant 2026', 'Holiday List', '2026-03-03', 'Holi', 0),
  ('d3', 3, 'Plant 2026', 'Holiday List', '2026-03-08', 'Sunday', 1),
  ('d4', 1, 'Office 2026', 'Holiday List', '2026-03-04', 'Office closed', 0);
INSERT INTO `tabDowntime Entry` (`name`, `workstation`, `from_time`, `to_time`, `downtime`, `stop_reason`) VALUES
  ('DT-00001', 'Saw 1', '2026-03-02 09:00:00.000000', '2026-03-02 10:00:00.000000', 60, 'Unplanned machine maintenance'),
  ('DT-00002', 'Saw 1', '2026-02-02 09:00:00.000000', '2026-02-02 10:00:00.000000', 60, 'Electricity down');
INSERT INTO `tabWork Order` (`name`, `docstatus`, `status`, `production_item`, `qty`, `planned_start_date`, `expected_delivery_date`) VALUES
  ('MFG-WO-2026-00001', 1, 'Not Started', 'SHAFT-40', 10, '2026-03-01 09:00:00.000000', '2026-03-05'),
  ('MFG-WO-2026-00002', 1, 'In Process', 'SHAFT-60', 20, '2026-02-26 09:00:00.000000', '2026-03-04'),
  ('MFG-WO-2026-00003', 0, 'Draft', 'SHAFT-40', 10, '2026-03-01 09:00:00.000000', '2026-03-05'),
  ('MFG-WO-2026-00004', 1, 'Stopped', 'SHAFT-40', 10, '2026-03-01 09:00:00.000000', '2026-03-05'),
  ('MFG-WO-2026-00005', 1, 'Completed', 'SHAFT-40', 10, '2026-02-01 09:00:00.000000', '2026-02-05'),
  ('MFG-WO-2026-00006', 2, 'Cancelled', 'SHAFT-40', 10, '2026-03-01 09:00:00.000000', '2026-03-05'),
  ('MFG-WO-2026-00007', 1, 'Not Started', 'RING-12', 4, '2026-03-04 10:30:15.000000', NULL),
  ('MFG-WO-2026-00008', 1, 'Not Started', 'COVER-1', 5, '2026-03-01 09:00:00.000000', '2026-03-06'),
  ('MFG-WO-2026-00009', 1, 'Closed', 'COVER-1', 5, '2026-03-01 09:00:00.000000', '2026-03-06');
INSERT INTO `tabWork Order Operation` (`name`, `idx`, `parent`, `parenttype`, `operation`, `status`, `completed_qty`,
  `workstation_type`, `workstation`, `sequence_id`, `time_in_mins`, `batch_size`) VALUES
  ('o11', 1, 'MFG-WO-2026-00001', 'Work Order', 'Cut', 'Pending', 0, 'Sawing', 'Saw 1', 1, 90, 1),
  ('o12', 2, 'MFG-WO-2026-00001', 'Work Order', 'Turn', 'Pending', 0, 'Turning', 'Lathe 1', 2, 120.5, 1),
  ('o13', 3, 'MFG-WO-2026-00001', 'Work Order', 'Assemble', 'Pending', 0, NULL, 'Assembly', 3, 90, 10),
  ('o21', 1, 'MFG-WO-2026-00002', 'Work Order', 'Cut', 'Completed', 20, 'Sawing', 'Saw 1', 1, 60, 1),
  ('o22', 2, 'MFG-WO-2026-00002', 'Work Order', 'Turn', 'Pending', 0, 'Turning', 'Lathe 1', 2, 200, 1),
  ('o41', 1, 'MFG-WO-2026-00004', 'Work Order', 'Cut', 'Pending', 0, 'Sawing', 'Saw 1', 1, 60, 1),
  ('o71', 1, 'MFG-WO-2026-00007', 'Work Order', 'Turn', 'Pending', 0, 'Turning', NULL, 1, 30, 1),
  ('o72', 2, 'MFG-WO-2026-00007', 'Work Order', 'Harden', 'Pending', 0, 'Heat', 'Oven', 1, 600, 1),
  ('o81', 1, 'MFG-WO-2026-00008', 'Work Order', 'Paint', 'Pending', 0, 'Painting', 'Paint 1', 1, 45, 1);
INSERT INTO `tabJob Card` (`name`, `docstatus`, `work_order`, `operation`, `operation_id`, `workstation`, `status`, `for_quantity`,
  `total_completed_qty`, `process_loss_qty`, `is_corrective_job_card`) VALUES
  ('PO-JOB00001', 1, 'MFG-WO-2026-00002', 'Cut', 'o21', 'Saw 1', 'Completed', 20, 20, 0, 0),
  ('PO-JOB00002', 0, 'MFG-WO-2026-00002', 'Turn', 'o22', 'Lathe 2', 'Work In Progress', 20, 4, 1, 0),
  ('PO-JOB00003', 0, 'MFG-WO-2026-00001', 'Cut', 'o11', 'Saw 1', 'Open', 10, 0, 0, 0),
  ('PO-JOB00004', 2, 'MFG-WO-2026-00001', 'Cut', 'o11', 'Saw 1', 'Cancelled', 10, 10, 0, 0),
  ('PO-JOB00005', 1, 'MFG-WO-2026-00001', 'Turn', 'o12', 'Lathe 1', 'Completed', 10, 3, 0, 1);
INSERT INTO `tabJob Card Time Log` (`name`, `idx`, `parent`, `parenttype`, `from_time`, `to_time`, `completed_qty`) VALUES
  ('t1', 1, 'PO-JOB00001', 'Job Card', '2026-02-27 08:00:00.000000', '2026-02-27 09:00:00.000000', 20),
  ('t2', 1, 'PO-JOB00002', 'Job Card', '2026-02-27 15:00:00.000000', '2026-02-27 16:40:00.000000', 4),
  ('t3', 2, 'PO-JOB00002', 'Job Card', '2026-03-02 07:50:00.000000', NULL, 0);
