"""The JSON Schemas of what we write.

``python -m autograder.reports.schema > docs/result.schema.json`` publishes that of a result, and
``python -m autograder.reports.schema preview > docs/preview.schema.json`` that of a dry run.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from autograder.model import SCHEMA, Result
from autograder.reports.preview import PREVIEW, PreviewDocument


def result_schema() -> str:
    """Return the schema of a result."""
    return _schema(SCHEMA, Result)


def preview_schema() -> str:
    """Return the schema of a dry run."""
    return _schema(PREVIEW, PreviewDocument)


def _schema(title: str, record: type) -> str:
    """Return a schema as indented JSON. A later version may add fields, so others are allowed."""
    (root,), parts = msgspec.json.schema_components([record], ref_template="#/$defs/{name}")
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **root,
        "$defs": parts,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


if __name__ == "__main__":
    sys.stdout.write(preview_schema() if sys.argv[1:] == ["preview"] else result_schema())
