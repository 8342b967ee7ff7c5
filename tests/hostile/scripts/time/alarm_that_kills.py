"""Lets a timer of its own end the process in the middle of whatever runs then."""
import signal

signal.setitimer(signal.ITIMER_REAL, 0.15, 0.01)
