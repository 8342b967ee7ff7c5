"""Swaps the code of the guest's own functions on the fly."""
import sys

interpreter, wire = sys.modules["guest.interpreter"], sys.modules["guest.wire"]


def run(program, inputs, student, packer):
    return {"observed": {step[3]["name"]: {"kind": "none"} for step in program["steps"] if step[0] == "observe"}, "failure": None}


interpreter.run.__code__ = run.__code__
interpreter._describe.__code__ = (lambda value, packer: {"kind": "none"}).__code__
wire.Packer.add.__code__ = (lambda self, array: {"dtype": "float64", "shape": [], "offset": 0, "size": 0}).__code__
