"""Grade many submissions at once."""
