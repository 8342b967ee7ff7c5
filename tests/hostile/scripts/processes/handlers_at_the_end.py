"""Registers exit handlers, finalizers and hooks that would act after the last case."""
# base: solution
import atexit
import os
import signal
import sys
import threading
import weakref


class Last:
    def __del__(self):
        os.write(1, b"REACHED the end\n")


def late(*args):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"AGF1" + bytes(8))
        except OSError:
            pass


last = Last()
sys.last = Last()
weakref.finalize(last, late)
atexit.register(late)
threading._register_atexit(late)
sys.excepthook = sys.unraisablehook = threading.excepthook = late
