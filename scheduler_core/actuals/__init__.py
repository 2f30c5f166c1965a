"""What the floor really did, as far as successive pulls tell: when each operation began and ended, and on which machine."""
