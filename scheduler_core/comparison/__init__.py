"""Engines with their settings side by side: on many plants (``ab``), and on past snapshots (``replay``)."""
