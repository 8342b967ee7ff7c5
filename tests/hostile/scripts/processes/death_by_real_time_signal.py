"""Dies of a signal that has no name, which it lets the kernel send through a pipe."""
# base: solution
import fcntl
import os

reading, writing = os.pipe()
for number in (37, 63, 33, 50):
    try:
        fcntl.fcntl(reading, 10, number)  # F_SETSIG
        fcntl.fcntl(reading, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
        os.write(writing, b"x")
    except OSError as error:
        print(error)
