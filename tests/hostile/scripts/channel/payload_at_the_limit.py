"""Sends payloads just below the reply limit with every frame."""
# slow
# base: solution
import sys

wire = sys.modules["guest.wire"]
send = wire.send
wire.send = lambda channel, header, payload=b"": send(channel, header, payload + bytes(15 << 20))
