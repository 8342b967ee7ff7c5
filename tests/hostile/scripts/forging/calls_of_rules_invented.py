"""Tells invented calls of rules, so that right rules look wrong and hidden text is repeated."""
# base: solution
# after
import sys

trace = sys.modules["guest.trace"].Trace


def invented(self, *details):
    array = self._packer.add(__import__("numpy").full((3, 2), 1e308))
    for name in ("mulbackward", "<script>alert(1)</script>", "x" * 900, "sumbackward"):
        self.applications.append({
            "rule": name, "step": 5, "depth": 0, "operands": [array], "asking": [True],
            "incoming": array, "form": "raised", "entries": [array], "changed": True,
        })
    self.results.update({"3": "nothing", "\u0663": "leaf", "9" * 400: "constant"})


trace.__exit__ = invented
MulBackward.apply = lambda self, gradient: (gradient, gradient)  # so that there is something to look into
