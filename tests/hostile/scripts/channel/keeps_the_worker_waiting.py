"""Says that it is done and then does not leave, so that its end must be forced."""
# slow
import os
import sys
import time

send = sys.modules["guest.wire"].send


def done_and_stay(channel, header, payload=b""):
    send(channel, header, payload)
    if header["type"] == "done":
        while True:
            time.sleep(60)


sys.modules["guest.wire"].send = done_and_stay
