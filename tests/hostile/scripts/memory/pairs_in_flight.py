"""Sends pairs of sockets through each other, so that buffers and descriptors pile up in the kernel."""
import array
import socket

sent = 0
kept = []
for _ in range(2000):
    try:
        one, other = socket.socketpair()
        one.setblocking(False)
        one.sendmsg([bytes(1 << 16)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [one.fileno(), other.fileno()]))])
        sent += 1
    except OSError:
        pass
    if len(kept) < 20:
        kept.append((one, other))
if sent > 2000:
    print("REACHED", sent)
