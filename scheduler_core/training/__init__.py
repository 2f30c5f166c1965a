"""Training of the learned scheduler, and the plants that it is trained and measured on."""
