"""Connects to the loopback port, to outside addresses and to a resolver, by TCP and UDP."""
import socket
import urllib.request

port = TARGETS["port"]
for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "192.0.2.1", "169.254.169.254"):
    attempt(f"connect to {host}", lambda: socket.create_connection((host, port), timeout=0.5))
for family in (socket.AF_INET, socket.AF_INET6):
    attempt(f"UDP socket {family}", lambda: socket.socket(family, socket.SOCK_DGRAM))
attempt("resolve", lambda: socket.getaddrinfo("example.com", 80))
attempt("gethostbyname", lambda: socket.gethostbyname("localhost"))
attempt("urlopen", lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=0.5))
attempt("urlopen of a file", lambda: urllib.request.urlopen("file://" + TARGETS["seed_file"]).read())
