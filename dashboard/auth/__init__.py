"""Who uses this session: signing in, and what the person may do."""
