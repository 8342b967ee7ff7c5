"""Ends the process in every case and every cell after the first, so that each costs a new child."""
# slow
import os
import sys

sys.modules["guest.interpreter"].run = lambda *args: os._exit(3)
