"""Crashes in every case that turns the engine on, not in its own cell."""
# slow
# base: solution
# after
import ctypes

enable_autograd = lambda quiet=False: ctypes.string_at(0)
