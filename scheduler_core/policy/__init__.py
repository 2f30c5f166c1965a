"""The learned policy: features, network, checkpoints and compiled inference.

A decision has two steps: which of the candidate jobs, then on which of its open machines. Both heads score candidates by
their features, so one checkpoint schedules any number of jobs and machines.
"""
