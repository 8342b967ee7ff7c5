"""Tries a thousand times to fork, by libc and by number, and counts."""
import ctypes
import os
import platform

libc = ctypes.CDLL(None)
mine, made = os.getpid(), 0
for _ in range(500):
    for call in (lambda: os.fork(), lambda: libc.syscall(57 if platform.machine() == "x86_64" else 1079)):
        try:
            result = call()
        except OSError:
            continue
        if os.getpid() != mine:
            os._exit(0)
        made += result > 0
if made:
    print("REACHED forks:", made)
