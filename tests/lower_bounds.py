"""Print pip constraints that hold every dependency at its declared lower bound.

python tests/lower_bounds.py > constraints.txt
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet


def constraints(pyproject: str) -> list[str]:
    """Turn each ``name>=1.2; marker`` of a pyproject.toml into ``name==1.2; marker``."""
    project = tomllib.loads(pyproject)["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["test"]
    return [str(at_its_lowest(Requirement(text))) for text in declared]


def at_its_lowest(requirement: Requirement) -> Requirement:
    """Return a requirement of the one version that is its lower bound."""
    (bound,) = requirement.specifier
    requirement.specifier = SpecifierSet(f"=={bound.version}")
    # A constraint names no extra; the extra's own package has the version of the whole.
    requirement.extras = set()
    return requirement


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    sys.stdout.write("\n".join(constraints((root / "pyproject.toml").read_text())) + "\n")
