"""Blocks and ignores every signal and gives each a handler that raises."""
# base: solution
import signal


def handler(number, frame):
    raise KeyboardInterrupt


for number in range(1, 65):
    try:
        signal.signal(number, handler)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, set(range(1, 65)) - {32, 33})
signal.siginterrupt(signal.SIGALRM, False)
