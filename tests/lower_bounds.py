"""Print pip constraints that hold every dependency at its declared lower bound.

python tests/lower_bounds.py > constraints.txt
"""

import re
import sys
import tomllib
from pathlib import Path


def constraints(pyproject: str) -> list[str]:
    """Turn each ``name>=1.2; marker`` of a pyproject.toml into ``name==1.2; marker``."""
    project = tomllib.loads(pyproject)["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["test"]
    return [re.sub(r">=", "==", requirement, count=1) for requirement in declared]


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    sys.stdout.write("\n".join(constraints((root / "pyproject.toml").read_text())) + "\n")
