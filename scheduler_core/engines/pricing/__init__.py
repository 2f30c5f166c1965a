"""Dispatching by what the machines' minutes are worth, and the search for these prices."""
