"""Crashes in every gradient rule and every backward call, not in its own cell."""
# base: solution
# after
import ctypes

Tensor.backward = lambda self, gradient=None: ctypes.string_at(0)
