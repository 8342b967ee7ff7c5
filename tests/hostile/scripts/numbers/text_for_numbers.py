"""Answers with strings, among them ones that read like numbers, dates and code."""
import sys

interpreter = sys.modules["guest.interpreter"]
turn = iter(range(10**6))
texts = ("1.0", "nan", "__import__('os')._exit(0)", "", "ValueError", "'; drop table grade; --", "\u202e", "=1+1", "x" * 1000, "nothing")
interpreter.run = lambda program, inputs, student, packer: {"failure": None, "observed": {
    step[3]["name"]: {"kind": "text", "text": texts[next(turn) % len(texts)]} for step in program["steps"] if step[0] == "observe"}}
