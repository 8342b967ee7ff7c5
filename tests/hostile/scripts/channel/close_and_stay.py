"""Closes the job's socket and then stays alive, so that its end must be forced."""
# slow
# base: solution
import os
import time

for descriptor in range(3, 64):
    try:
        os.close(descriptor)
    except OSError:
        pass
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
