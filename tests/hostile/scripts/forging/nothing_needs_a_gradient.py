"""Answers that no tensor needs a gradient, with zeros, empty arrays and nothing in turn."""
import sys

import numpy as np

interpreter = sys.modules["guest.interpreter"]
turn = iter(range(10**6))


def run(program, inputs, student, packer):
    observed = {}
    for step in program["steps"]:
        if step[0] == "observe":
            empty = (np.zeros(()), np.zeros(0), np.zeros((0, 3), dtype=bool), np.zeros((2, 3), dtype=np.int64))[next(turn) % 4]
            observed[step[3]["name"]] = {"kind": "array", "array": packer.add(empty)}
    return {"observed": observed, "failure": None}


interpreter.run = run
