"""What is done without anybody asking: when to pull, plan, replan and search on, and the one host that does it."""
