"""Everything that touches a database: the ERP that jobs come from, and the product's own store."""
