"""What the checks of a handout read: public cases as data, and the names of the edition."""

from __future__ import annotations

from pathlib import Path

from autograder.config import Config
from autograder.contract import encode_contract
from autograder.public.generate import public_data


def write_checks(course: Path, config: Config, checks: Path, stub: str) -> None:
    """Write both into the folder of the handout's checks.

    Parameters
    ----------
    stub
        What stands where students are to write code.
    """
    texts = {
        checks / "cases.json": public_data(course, config, stub),
        checks / "runner" / "contract.json": encode_contract(config.contract_data),
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
