"""Reuses the one socket it has: connects, binds, listens, changes options, sends descriptors along."""
import os
import socket
import struct

for descriptor in range(3, 12):
    try:
        job = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=os.dup(descriptor))
    except OSError:
        continue
    attempt("connect it elsewhere", lambda: job.connect(TARGETS["unix_socket"]))
    attempt("bind it", lambda: job.bind("\0hostile"))
    attempt("listen on it", lambda: job.listen())
    attempt("set an option", lambda: job.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 30))
    attempt("credentials of the peer", lambda: job.getsockopt(socket.SOL_SOCKET, 17, 12))
    attempt("shut it down", lambda: job.shutdown(socket.SHUT_RDWR))
    attempt("name of the peer", lambda: job.getpeername())
    attempt("send to another address", lambda: job.sendto(b"x", TARGETS["unix_socket"]))
    attempt("ioctl", lambda: __import__("fcntl").ioctl(job.fileno(), 0x541B, struct.pack("i", 0)))
