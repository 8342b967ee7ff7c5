"""Starts up to four thousand threads without Python, each with the smallest stack there is."""
import ctypes
import time

libc = ctypes.CDLL(None)
attributes = ctypes.create_string_buffer(64)
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
libc.pthread_attr_setguardsize(attributes, ctypes.c_size_t(0))
thread, started = ctypes.c_ulong(), 0
for _ in range(4000):
    if libc.pthread_create(ctypes.byref(thread), attributes, libc.sleep, ctypes.c_void_p(2)) != 0:
        break
    started += 1
print("threads started:", started)
