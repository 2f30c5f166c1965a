"""Answers that take longer than a second: computed by a few processes of their own, asked for, awaited and cancelled by id.

A computation stores nothing. It is kept in this process for a while and lost when the process ends.
"""
