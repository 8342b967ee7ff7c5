"""A simulated class, so that the whole round can be seen on a fresh machine."""
