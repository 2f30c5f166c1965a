"""Shopwright's core: plants, schedules, rules, engines and planning, free of any user interface."""
