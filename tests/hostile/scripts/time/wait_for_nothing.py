"""Waits for a lock, a pipe and a poll that nobody answers."""
# slow
# base: solution
import os
import select
import threading

threading.Thread(target=lambda: os.read(os.pipe()[0], 1)).start()
threading.Thread(target=lambda: select.select([], [], [])).start()
lock = threading.Lock()
lock.acquire()
lock.acquire()
