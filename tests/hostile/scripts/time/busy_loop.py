"""Loops without end in C, where no Python signal handler gets a turn."""
# slow
# base: solution
sum(range(10**15))
