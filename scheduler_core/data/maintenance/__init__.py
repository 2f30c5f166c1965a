"""Looking after a store: backup, restore, verification."""
