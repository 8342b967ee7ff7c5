"""Crashes the interpreter by reading address zero."""
# base: solution
import ctypes

ctypes.string_at(0)
