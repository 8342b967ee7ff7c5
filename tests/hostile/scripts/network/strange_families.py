"""Opens netlink, packet, raw, Bluetooth, vsock, crypto and CAN sockets by number."""
import socket

for family in (1, 2, 10, 15, 16, 17, 29, 31, 38, 40, 41, 44):
    for kind in (1, 2, 3, 5):
        attempt(f"socket {family} {kind}", lambda: socket.socket(family, kind, 0))
attempt("ICMP", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP))
