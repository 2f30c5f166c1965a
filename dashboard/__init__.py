"""The planner's dashboard: thin pages over the core."""
