"""Lets the kernel signal its parent and the grader: owner and signal of a pipe set by fcntl."""
import fcntl
import os
import signal

F_SETSIG, F_SETOWN_EX = 10, 15
for pid in (os.getppid(), 1, TARGETS["grader_pid"]):
    reading, writing = os.pipe()
    attempt(f"own a pipe for {pid}", lambda: fcntl.fcntl(reading, fcntl.F_SETOWN, pid))
    attempt(f"choose the signal for {pid}", lambda: fcntl.fcntl(reading, F_SETSIG, int(signal.SIGURG)))
    try:
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        os.write(writing, b"x")
    except OSError as error:
        print(error)
