"""What a person or a program may do, with the right to it."""
