"""A run from its request to its stored result."""
