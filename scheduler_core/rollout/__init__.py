"""The rules by which a new way to plan takes over from the present one, on evidence (docs/rollout.md). Pure functions."""
