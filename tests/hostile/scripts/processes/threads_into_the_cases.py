"""Leaves threads running into the cases that rewrite every result and every module all the time."""
import sys
import threading
import time

import numpy as np


def spoil():
    while True:
        for name in ("guest.interpreter", "guest.student", "guest.wire"):
            module = sys.modules.get(name)
            if module is not None:
                for key in ("as_array", "_read"):
                    if hasattr(module, key):
                        setattr(module, key, lambda *args: np.zeros(()))
        time.sleep(0.001)


for _ in range(3):
    threading.Thread(target=spoil, daemon=True).start()
