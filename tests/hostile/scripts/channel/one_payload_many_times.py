"""Describes one payload a thousand times over, so that a reader who copies each takes gigabytes."""
# slow
import sys

wire = sys.modules["guest.wire"]
send = wire.send
weight = 3 << 20


def claim(channel, header, payload=b""):
    if header["type"] == "case":
        array = {"dtype": "bool", "shape": [weight], "offset": 0, "size": weight}
        header = {**header, "failure": None, "observed": {str(key): {"kind": "array", "array": array} for key in range(1000)}}
        payload = bytes(weight)
    send(channel, header, payload)


wire.send = claim
