"""Ends the process from a thread while the cases are running."""
import os
import threading
import time


def leave():
    time.sleep(0.2)
    os._exit(0)


threading.Thread(target=leave, daemon=True).start()
