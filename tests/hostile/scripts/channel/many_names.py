"""Observes a thousand names in each case, each a kilobyte long, and then one more."""
# slow
import sys

interpreter = sys.modules["guest.interpreter"]
turn = iter(range(10**6))


def run(*args):
    count = 900 + next(turn) % 3 * 100 + next(turn) % 2
    return {"observed": {f"{key:0500}": {"kind": "none"} for key in range(count)}, "failure": None}


interpreter.run = run
