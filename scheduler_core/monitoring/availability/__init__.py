"""Was the service there? Probes from outside it, in a file of their own, and the share of time in which they succeeded."""
