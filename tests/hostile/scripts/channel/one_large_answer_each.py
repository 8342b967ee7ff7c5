"""Sends the largest answer the limit allows for a case, then ends, so that the next child may do the same."""
# slow
import os
import sys

wire = sys.modules["guest.wire"]
send = wire.send
weight = 15 << 20


def claim(channel, header, payload=b""):
    if header["type"] == "case":
        array = {"dtype": "bool", "shape": [weight], "offset": 0, "size": weight}
        send(channel, {**header, "failure": None, "observed": {"0": {"kind": "array", "array": array}}}, bytes(weight))
        os._exit(0)
    send(channel, header, payload)


wire.send = claim
