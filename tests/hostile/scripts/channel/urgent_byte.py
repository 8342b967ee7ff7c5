"""Sends an out-of-band byte on the job's socket, which stream sockets carry past the queue."""
# base: solution
import os
import socket

for descriptor in range(3, 16):
    try:
        job = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=os.dup(descriptor))
        for _ in range(20):
            job.send(b"!", socket.MSG_OOB | socket.MSG_DONTWAIT)
    except OSError as error:
        print(error)
