"""The HTTP API, a door beside the command line and the board, over the services that check rights.

``create_app`` in ``app.py`` makes it over a store; ``shopwright serve`` serves it. docs/api.md has its conventions.
"""
