"""Whether a schedule is valid and what it is worth. Shares no code with what it judges."""
