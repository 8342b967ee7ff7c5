"""Answers each observation with zeros, ones or halves in the shape of an input."""
import sys

import numpy as np

interpreter = sys.modules["guest.interpreter"]
turn = iter(range(10**6))


def run(program, inputs, student, packer):
    observed = {}
    for step in program["steps"]:
        if step[0] == "observe":
            source = list(inputs.values())[0] if inputs else np.zeros(())
            filler = (np.zeros_like, np.ones_like, lambda like: np.full_like(like, 0.5))[next(turn) % 3]
            observed[step[3]["name"]] = {"kind": "array", "array": packer.add(np.asarray(filler(source), dtype=np.float64))}
    return {"observed": observed, "failure": None}


interpreter.run = run
