"""Files that nobody ever sees half of."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_atomically(target: Path, data: bytes, mode: int = 0o666, *, durable: bool = True) -> None:
    """Write a file whole or not at all; a failure leaves the old one and nothing beside it.

    Parameters
    ----------
    mode
        The umask narrows it.
    durable
        Force it to the disk: without, a power cut may lose it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)  # of a run that died, with whatever mode it had
    scratch.touch(mode=mode)
    try:
        with scratch.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        scratch.replace(target)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def append_line(path: Path, line: bytes) -> None:
    """Add a line to a log whole, or leave the log as it was; one that was cut off stands alone."""
    with path.open("ab+") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                line = b"\n" + line
        try:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise


def write_folder(target: Path, files: Mapping[str, bytes], *, durable: bool = True) -> None:
    """Make a folder of files that nobody ever sees half of.

    Parameters
    ----------
    durable
        Force each file to the disk.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        for name, data in files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
        scratch.chmod(0o755)
        scratch.rename(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
