"""nbformat, imported without what no notebook needs.

jsonschema, which nbformat imports, compiles a grammar for a URI format if it finds one installed.
That takes 1.4 s, longer than grading ten submissions, and no schema of a notebook has such a field.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

_GRAMMAR = "rfc3987_syntax"
_absent = _GRAMMAR not in sys.modules
if _absent:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment] # an import of it fails, as if it were not installed

import nbformat  # noqa: E402
from nbformat import v4  # noqa: E402
from nbformat.v4.rwbase import split_lines  # noqa: E402

if _absent:
    del sys.modules[_GRAMMAR]

__all__ = ["nbformat", "v4", "write_notebook"]


def write_notebook(notebook: Any) -> bytes:
    """Return a notebook as nbformat writes it, not validated; its texts are split in place.

    The standard library's JSON, which nbformat uses, takes ten times as long to indent.
    """
    encoded = msgspec.json.encode(split_lines(notebook), order="sorted")
    return msgspec.json.format(encoded, indent=1) + b"\n"
