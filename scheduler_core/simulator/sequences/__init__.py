"""A schedule as one sequence of operations per machine, and moves of single operations in it."""
