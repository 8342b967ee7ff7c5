"""nbformat, imported without what no notebook needs.

jsonschema, which nbformat imports, compiles a grammar for a URI format if it finds one installed.
That takes 1.4 s, longer than grading ten submissions, and no schema of a notebook has such a field.
"""

from __future__ import annotations

import sys

_GRAMMAR = "rfc3987_syntax"
_absent = _GRAMMAR not in sys.modules
if _absent:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment] # an import of it fails, as if it were not installed

import nbformat  # noqa: E402
from nbformat import v4  # noqa: E402
from nbformat.v4 import nbjson  # noqa: E402

if _absent:
    del sys.modules[_GRAMMAR]

__all__ = ["nbformat", "nbjson", "v4"]
