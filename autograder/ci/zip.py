"""A folder as a zip file that keeps which files are programs and which are private."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO


def pack(folder: Path, file: IO[bytes]) -> None:
    """Write all files of a folder, hidden ones included, in an order that does not change."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                entry.external_attr = (path.stat().st_mode & 0xFFFF) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
