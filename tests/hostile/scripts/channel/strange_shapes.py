"""Describes arrays whose shape, dtype, place and bytes do not fit together."""
# slow
import json
import sys

wire = sys.modules["guest.wire"]
send = wire.send
claims = [
    ("float64", [1 << 40] * 16, 0, 0), ("float64", [0], 0, 0), ("float64", [-1], 0, 8), ("float64", [2], 0, 8),
    ("float64", [1], 1 << 40, 8), ("float64", [1], -8, 8), ("object", [1], 0, 8), ("float64", [1] * 17, 0, 8), ("complex128", [1], 0, 16),
    ("<U10", [1], 0, 40), ("float64", [1.0], 0, 8), ("float64", ["1"], 0, 8), ("float64", None, 0, 8), ("bool", [8], 0, 8),
    ("float32", [1 << 62], 0, 1 << 64), ("float64", [(1 << 63) - 1, 2], 0, 8), ("int64", [], 0, 8), ("float64", [0] * 16, 1 << 40, 0),
]
turn = iter(range(10**6))


def claim(channel, header, payload=b""):
    if header["type"] == "case":
        dtype, shape, offset, size = claims[next(turn) % len(claims)]
        array = {"dtype": dtype, "shape": shape, "offset": offset, "size": size}
        header = {**header, "failure": None, "observed": {str(key): {"kind": "array", "array": array} for key in range(40)}}
        payload = bytes(64)
    send(channel, header, payload)


wire.send = claim
