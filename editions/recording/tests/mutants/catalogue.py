"""How people get it wrong in this edition: the course's misconceptions in its names, and its own.

A wrong rule is the same mistake here. So the catalogue of the course that this edition is based on
is read, and the class of each rule becomes the function that ``method_of`` puts into it. What is
about a part that this edition has in its handout, such as constructors and patched operators, is
left out; what can go wrong only here stands below.
"""

from dataclasses import replace
from pathlib import Path

from autograder.audit.mutants import ENGINE, Edit, load_catalogue, load_common
from autograder.audit.mutants import Misconception as M  # noqa: N817 # rows of a table
from autograder.config import CONFIG_NAME, load_config

COURSE = Path(__file__).resolve().parents[2]
CONFIG = load_config(COURSE / CONFIG_NAME)
NAMES = {key: CONFIG.names[key] for key in CONFIG.names.operations}

HOSTS: dict[str, frozenset[str]] = {}
"""No variant takes rules of the solution as they are."""

COMMON = load_common(COURSE / CONFIG.based_on)
"""What a simulated class gets wrong, of what has its place here."""

IN_THE_HANDOUT = frozenset(
    {
        "sum-axis-on-class", "mean-axis-on-class", "pow-exponent-on-class",
        "sigmoid-output-on-class", "relu-mask-on-class",
        "sub-not-patched", "requires-grad-only", "scalar-untracked", "forgets-return",
        "reflected-not-patched", "at-not-patched", "iadd-not-tracked", "rsub-one",
        "enable-twice", "losses-untracked", "tracked-only-if-all-ask",
        "tracked-only-if-first-asks", "options-lost",
    }
)  # fmt: skip
"""Options on the node, operators and wrappers: nobody writes them here."""

HERE = {
    "sigmoid-of-output": {
        "topological": [("@method_of(SigmoidFunction)", "(1 - s)", "self.forward(1 - x.data)")],
        "recursive": [("@method_of(SigmoidFunction)", "s * (1 - s)",
                       "s / (1 + np.exp(self.inputs[0].data - 1))")],
    },
    "pow-no-n": {
        "topological": [("@method_of(Pow)", "grad_output * self.n * ", "grad_output * ")],
        "recursive": [("@method_of(Pow)", "grad_output * self.n * ", "grad_output * ")],
    },
    "pow-exponent": {
        "topological": [("@method_of(Pow)", "** (self.n - 1)", "** self.n")],
        "recursive": [("@method_of(Pow)", "** (self.n - 1)", "** self.n")],
    },
    "aliases": {
        "topological": [("@method_of(Tensor)\ndef backward", "grad.copy() if", "grad if"),
                        ("def unbroadcast", "new_axes =",
                         "if gradient.shape == shape:\n        return gradient\n    new_axes =")],
        "recursive": [("@method_of(Tensor)\ndef backward",
                       "self.grad = np.zeros_like(self.data)\n    self.grad = self.grad + gradient",
                       "self.grad = gradient\n    else:\n        self.grad += gradient")],
    },
    "grad-shared-without-copy": {
        "topological": [("@method_of(Tensor)\ndef backward",
                         "arrived[key] = arrived[key] + fitted if key in arrived else fitted",
                         "if key in arrived:\n                arrived[key] += fitted\n"
                         "            else:\n                arrived[key] = part if part.shape =="
                         " operand.shape else fitted")],
        "recursive": [("@method_of(Tensor)\ndef backward",
                       "if self.grad is None:\n        self.grad = np.zeros_like(self.data)\n"
                       "    self.grad = self.grad + gradient",
                       "if self.grad is None:\n        self.grad = gradient\n    else:\n"
                       "        self.grad += gradient")],
    },
}  # fmt: skip
"""Edits of mistakes whose text is another one here."""

OWN = (
    M("inputs-on-class", "function-base", "a node keeps its inputs on the class",
      topological=[("@method_of(Function)", "self.inputs = inputs", "type(self).inputs = inputs")],
      recursive=[("@method_of(Function)", "self.inputs = tensors",
                  "type(self).inputs = tensors")]),
    M("inputs-reversed", "function-base", "a node keeps its inputs in the wrong order",
      topological=[("@method_of(Function)", "self.inputs = inputs", "self.inputs = inputs[::-1]")],
      recursive=[("@method_of(Function)", "self.inputs = tensors",
                  "self.inputs = tensors[::-1]")], named=["keeps-reversed"]),
    M("records-nothing", "tracking", "apply computes and lets the node go",
      topological=[("def apply", "result._grad_fn = node", "pass")],
      recursive=[("def apply", "result._grad_fn = node", "pass")], named=["requires-grad-only"]),
    M("records-when-all-ask", "tracking", "apply records only where every input asks",
      topological=[("def apply", "any(tensor", "all(tensor")],
      recursive=[("def apply", "any(needs", "all(needs")], named=["tracked-only-if-all-ask"]),
    M("records-always", "backward-contract", "apply records whether or not an input asks",
      topological=[("def apply", "if any(tensor.requires_grad for tensor in inputs):", "if True:")],
      recursive=[("def apply", "if any(needs(t) for t in tensors):", "if True:")],
      named=["unwanted-gradient", "raises-without-requires-grad", "gradient-to-constants"]),
    M("apply-forgets-return", "tracking", "apply forgets to return the result",
      topological=[("def apply", "return result", "pass")],
      recursive=[("def apply", "return result", "pass")], named=["forgets-return"]),
)  # fmt: skip


WALK = "def backward(self"


def translated(edit: Edit, host: str) -> Edit:
    """Return an edit of a method as one of a function that stands at the top."""
    nested = edit[0].startswith("class ") or (edit[0] == WALK and host == "recursive")
    anchor, old, new = (_renamed(text) for text in edit)
    if edit[0] == WALK:
        anchor = f"@method_of(Tensor)\n{anchor}"
    if nested:
        old, new = (text.replace("\n    ", "\n") for text in (old, new))
    return anchor, old, new


def _renamed(text: str) -> str:
    for key, name in NAMES.items():
        text = text.replace(f"class {key}(", f"@method_of({name})").replace(key, name)
    return text.replace("saved_tensors", "inputs").replace(".apply(", ".backward(")


def here(entry: M) -> M:
    """Return a misconception of the other course as it looks in this one."""
    hosts = ("topological", "recursive")
    edits = {host: [translated(edit, host) for edit in entry.edits(host)] for host in hosts}
    rules = {entry.part(host) for host in hosts if entry.edits(host)} - {ENGINE}
    rule = rules.pop() if len(rules) == 1 else ""
    return replace(entry, rule=rule, **{**edits, **HERE.get(entry.id, {})})


CATALOGUE = (
    *(here(entry) for entry in load_catalogue(COURSE / CONFIG.based_on)
      if entry.id not in IN_THE_HANDOUT),
    *OWN,
)  # fmt: skip
