"""Brings releases to the ERP's side: a table in a database, or a webhook. At least once, told apart by the approval's id."""
