"""Makes pairs of sockets, which an event loop needs, and tries to talk to others through one."""
import socket

for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_NETLINK, 38):
        attempt(f"pair {family} {kind}", lambda: socket.socketpair(family, kind))
pair = socket.socketpair()[0]
for address in (TARGETS["unix_socket"], "\0" + TARGETS["abstract"], "/run/systemd/journal/socket", "/dev/log"):
    attempt(f"sendto {address!r}", lambda: pair.sendto(b"hello", address))
    attempt(f"sendmsg {address!r}", lambda: pair.sendmsg([b"hello"], [], 0, address))
    attempt(f"connect {address!r}", lambda: pair.connect(address))
attempt("larger buffers", lambda: pair.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24))
attempt("credentials", lambda: pair.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1))
