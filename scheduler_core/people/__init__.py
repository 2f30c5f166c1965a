"""Names of people: which are allowed, and which two may be one person's."""
