"""Simulated annealing over the machines' sequences, compiled."""
