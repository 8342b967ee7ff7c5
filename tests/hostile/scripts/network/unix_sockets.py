"""Connects to a socket file and to abstract sockets, and makes a listening one itself."""
import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    for address in (TARGETS["unix_socket"], "\0" + TARGETS["abstract"], "/run/dbus/system_bus_socket", "/var/run/docker.sock", "\0/tmp/.X11-unix/X0"):
        def reach():
            with socket.socket(socket.AF_UNIX, kind) as own:
                own.settimeout(0.5)
                own.connect(address)
                return own.recv(100)
        attempt(f"connect to {address!r}", reach)
attempt("listen", lambda: socket.socket(socket.AF_UNIX).bind("\0hostile"))
