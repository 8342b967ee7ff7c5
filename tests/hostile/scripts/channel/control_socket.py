"""Looks for the worker's control socket and asks it for another child with a job of its own."""
import array
import os
import socket

for descriptor in range(0, 64):
    try:
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=os.dup(descriptor))
        # A stream socket, as the job's is, also takes this; a worker would answer it.
        kind = os.fstat(descriptor)
    except OSError:
        continue
    if descriptor > 3 and (kind.st_mode & 0o170000) == 0o140000:
        print("a socket:", descriptor)
        attempt("ask for a child", lambda: probe.sendmsg([b"job"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]))
