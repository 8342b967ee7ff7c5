"""What setup.sh and the bundles install is locked, and the locks are those of pyproject.toml."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

LOCKS = {
    "requirements.lock": ("build", "test", "dev"),
    "autograder/ci/requirements.lock": ("build",),
}


def locked(path):
    """Return the pinned versions of each name, and the number of hashes of each pin."""
    pins, hashes = {}, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if pinned := re.match(r"([a-z0-9.-]+)(?:\[\S*\])?==(\S+)", line):
            name = pinned[1]
            pins.setdefault(name, []).append(pinned[2])
            hashes[name, pinned[2]] = 0
        elif "--hash=sha256:" in line:
            hashes[name, pins[name][-1]] += 1
    return pins, hashes


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_every_dependency_with_hashes(course, name):
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [project["optional-dependencies"][extra] for extra in LOCKS[name]]
    pins, hashes = locked(course / name)
    for declared in map(Requirement, sum(extras, project["dependencies"])):
        found = pins.get(declared.name.lower(), [])
        assert found, f"{declared.name} is not locked: make lock"
        assert all(version in declared.specifier for version in found), f"{declared}: make lock"
    assert min(hashes.values()) > 0


def test_both_locks_hold_the_same_versions(course):
    whole, runtime = (locked(course / name)[0] for name in LOCKS)
    assert runtime.items() <= whole.items()


def test_locks_name_no_index(course):
    for name in LOCKS:
        assert "://" not in (course / name).read_text(encoding="utf-8")
