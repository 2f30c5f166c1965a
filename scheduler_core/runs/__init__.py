"""A run from its request to its stored result, without any user interface.

``request``: asking for one. ``supervisor``: giving free slots to waiting runs; ``service``: that without a dashboard.
``worker``: the process that executes one.
``execute``: engine, judge, key figures, store. ``lease``: what a worker does beside its engine. ``manual``: plans that no
engine makes.
"""
