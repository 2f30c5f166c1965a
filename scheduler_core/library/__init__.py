"""The product as a Python library: plan, judge, explain and compare without a database, a server or a command.

Its functions take a ``Plant`` and ``Schedule`` and are imported from ``scheduler_core`` itself.
"""
