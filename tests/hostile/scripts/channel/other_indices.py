"""Answers for cells and cases that are not due: negative, far, twice, others' turns."""
# slow
import sys

wire = sys.modules["guest.wire"]
send = wire.send
turn = iter(range(10**6))


def shifted(channel, header, payload=b""):
    if "index" in header:
        header = {**header, "index": (header["index"], header["index"] + 1, -1, 2**40, 0.5, "0", None, True)[next(turn) % 8]}
    send(channel, header, payload)


wire.send = shifted
