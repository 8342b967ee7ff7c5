"""Sends signalling NaNs, denormals, infinities and truth values that are neither true nor false."""
# base: solution
import struct
import sys

wire = sys.modules["guest.wire"]
send = wire.send
raw = {"float32": struct.pack("<I", 0x7FA00001), "float64": struct.pack("<Q", 0x7FF4000000000001), "bool": b"\xff", "int64": b"\0" * 7 + b"\x80"}
turn = iter(range(10**6))


def claim(channel, header, payload=b""):
    if header["type"] == "case":
        observed, payload = {}, b""
        dtype = list(raw)[next(turn) % 4]
        for name, value in header["observed"].items():
            if value["kind"] == "array":
                count = 1
                for size in value["array"]["shape"]:
                    count *= size
                body = raw[dtype] * count
                value = {"kind": "array", "array": {"dtype": dtype, "shape": value["array"]["shape"], "offset": len(payload), "size": len(body)}}
                payload += body
            observed[name] = value
        header = {**header, "failure": None, "observed": observed}
    send(channel, header, payload)


wire.send = claim
