"""What was read of services: its words, its corrections by hand, and its reading again."""
