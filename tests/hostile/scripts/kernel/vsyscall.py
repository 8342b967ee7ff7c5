"""Jumps into the fixed vsyscall page and beyond it."""
# base: solution
import ctypes

for address in (0xFFFFFFFFFF600000, 0xFFFFFFFFFF600400, 0xFFFFFFFFFF600800):
    print(ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(address)(None))
