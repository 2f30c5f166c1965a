"""What all pages share: the store, loaded plans, and the supervisor of runs."""
