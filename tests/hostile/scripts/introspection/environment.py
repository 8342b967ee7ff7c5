"""Prints its environment: Python's view, libc's own, and the bytes beyond them."""
import ctypes
import os

print(dict(os.environ))
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
index = 0
while environ and environ[index]:
    print(environ[index])
    index += 1
for name in os.environ:
    if name != "PYTHONHASHSEED" and any(word in name.upper() for word in ("SEED", "TOKEN", "SECRET", "CANARY", "KEY", "PASS", "AUTOGRADER")):
        print("REACHED", name)
print(os.getcwd(), os.uname(), os.getuid(), os.getpid(), os.getppid())
