"""Hangs in every case rather than in a cell, so that each one costs its whole limit."""
# slow
# base: solution
# after
def enable_autograd(quiet=False):
    while True:
        pass
