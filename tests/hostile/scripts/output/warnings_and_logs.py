"""Warns, logs and prints to the interpreter's own error stream from C."""
# base: solution
import ctypes
import logging
import warnings

warnings.simplefilter("always")
for _ in range(1000):
    warnings.warn("::error::" + "w" * 1000, stacklevel=1)
    logging.error("\x1b[2J%s", "l" * 1000)
ctypes.pythonapi.PySys_WriteStderr(b"::error::from C\n")
ctypes.CDLL(None).puts(b"::error::from libc")
ctypes.CDLL(None).fflush(None)
