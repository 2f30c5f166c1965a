-- Indexes that make Shopwright's pull quick on an ERP with years of history. They are for the ERP's administrator to create:
-- Shopwright itself only reads. `shopwright snapshot` says which are missing; any index that begins with the column will do.
CREATE INDEX jo_txn_by_number ON tbl_jo_txn (TxnId_i);
CREATE INDEX jo_process_by_job ON tbl_jo_process (TxnId_i);
CREATE INDEX daily_item_by_job ON tbl_daily_item (JoId_i);
