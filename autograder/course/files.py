"""Files that nobody ever sees half of."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(target: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file whole or not at all; a failure leaves the old one and nothing beside it.

    The umask narrows ``mode``.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)  # of a run that died, with whatever mode it had
    scratch.touch(mode=mode)
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(target)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
