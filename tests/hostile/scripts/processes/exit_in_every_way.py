"""Leaves by SystemExit in a cell, through quit, and from a thread."""
# base: solution
import sys
import threading

threading.Thread(target=sys.exit).start()
try:
    quit()
except SystemExit:
    pass
sys.exit("nothing to see here")
