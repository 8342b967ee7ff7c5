"""Enters the kernel through the 32-bit door of x86: int 0x80 in machine code."""
# base: solution
import ctypes
import mmap
import platform

if platform.machine() == "x86_64":
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(b"\xb8\x02\x00\x00\x00\xcd\x80\xc3")  # fork of the 32-bit table
    if ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))() >= 0:
        print("REACHED int 0x80")
