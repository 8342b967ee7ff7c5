"""Enters the kernel through another architecture's door: x32 numbers."""
# base: solution
import ctypes

libc = ctypes.CDLL(None)
for number in (0x40000000 + 39, 0x40000000 + 57, 0x40000000 + 520):
    if libc.syscall(ctypes.c_long(number)) >= 0:
        print("REACHED x32", number)
