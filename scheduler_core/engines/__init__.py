"""The engines: each turns a plant into a schedule."""
