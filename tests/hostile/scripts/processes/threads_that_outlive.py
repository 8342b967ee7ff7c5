"""Starts threads that are no daemons and ignore that the main thread wants to leave."""
# base: solution
import threading
import time


def stay():
    while True:
        try:
            time.sleep(0.05)
        except BaseException:
            pass


for _ in range(4):
    threading.Thread(target=stay, daemon=False).start()
threading._shutdown = stay
