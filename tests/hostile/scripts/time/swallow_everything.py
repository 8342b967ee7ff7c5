"""Loops and swallows every exception, exits included, with every signal ignored."""
# slow
# base: solution
import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    try:
        time.sleep(9)
    except BaseException:
        pass
