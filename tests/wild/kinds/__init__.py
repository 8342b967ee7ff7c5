"""What people do to a right notebook: each function a change that its meaning survives.

A new one is a function with ``@wild(kind)`` in one of these modules: it takes a :class:`Draft` and
returns another, or a file; None where it makes no sense. Its docstring says what a person did. It
must run in a real kernel without an error, and leave the same names behind (``real_kernel.py``).
"""

from . import (
    colab,
    dialogue,
    files,
    formats,
    habits,
    handout,
    known_cells,
    layout,
    losses,
    magics,
    packages,
    python,
    scripts,
)
from .registry import FOUND

__all__ = [
    "TRANSFORMATIONS",
    "colab",
    "dialogue",
    "files",
    "formats",
    "habits",
    "handout",
    "known_cells",
    "layout",
    "losses",
    "magics",
    "packages",
    "python",
    "scripts",
]

TRANSFORMATIONS = tuple(FOUND)
