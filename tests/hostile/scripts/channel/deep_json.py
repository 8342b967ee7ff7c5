"""Answers with JSON nested a hundred thousand deep."""
# slow
import sys

wire = sys.modules["guest.wire"]
deep = b"[" * 100000 + b"]" * 100000
wire.send = lambda channel, header, payload=b"": wire.send_encoded(channel, b'{"type":"case","index":0,"observed":' + deep + b"}", payload)
