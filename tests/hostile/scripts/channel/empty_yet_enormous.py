"""Describes arrays of size nought whose other axes are enormous."""
import sys

wire = sys.modules["guest.wire"]
send = wire.send


def claim(channel, header, payload=b""):
    if header["type"] == "case":
        array = {"dtype": "float64", "shape": [0, 1 << 40, 1 << 40, 1 << 40], "offset": 0, "size": 0}
        header = {**header, "failure": None, "observed": {name: {"kind": "array", "array": array} for name in ("0", "1", "x")}}
    send(channel, header, payload)


wire.send = claim
