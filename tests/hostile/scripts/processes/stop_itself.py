"""Stops itself through a pipe's signal, so that neither an end nor a timeout of its own comes."""
# slow
# base: solution
import fcntl
import os
import signal

reading, writing = os.pipe()
fcntl.fcntl(reading, 10, int(signal.SIGSTOP))
fcntl.fcntl(reading, fcntl.F_SETOWN, os.getpid())
fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
os.write(writing, b"x")
