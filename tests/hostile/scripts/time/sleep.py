"""Sleeps for a day."""
# slow
# base: solution
import time

time.sleep(86400)
