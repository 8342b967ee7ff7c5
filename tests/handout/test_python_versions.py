"""The handout runs on the versions of Python that it names, and names them on an older one."""

import ast
import re
import shutil
import subprocess

import pytest

NEEDED = (3, 10)


@pytest.fixture(scope="module")
def package(course):
    return course / "source" / "05_autograd" / "tinytorch"


def test_the_version_that_is_named_is_the_same_everywhere(course, package):
    name = f"Python {NEEDED[0]}.{NEEDED[1]} or newer"
    for path in (package / "__init__.py", package.parent / "05_autograd.ipynb",
                 course / "docs" / "student.md"):  # fmt: skip
        said = re.findall(r"Python 3\.\d+ or newer", path.read_text(encoding="utf-8"))
        assert set(said) == {name}, path


def test_no_module_of_the_handout_needs_newer_syntax(package):
    for path in package.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=NEEDED)


@pytest.mark.parametrize("version", [(3, minor) for minor in range(6, 15)], ids=str)
def test_import_says_which_version_it_needs_on_an_older_one(package, version):
    python = shutil.which(f"python{version[0]}.{version[1]}")
    ask = "import sys; print(sys.version_info[:2])"
    if python is None or _run([python, "-c", ask]).stdout.strip() != str(version):
        pytest.skip(f"Python {version[0]}.{version[1]} is not here")
    done = _run([python, "-B", "-c", "import tinytorch"], cwd=package.parent)
    if version >= NEEDED:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        last = done.stderr.splitlines()[-1]
        assert last == (
            "ImportError: tinytorch needs Python 3.10 or newer,"
            f" and this is Python {version[0]}.{version[1]}."
        )


def test_the_check_comes_before_anything_newer(package):
    text = (package / "__init__.py").read_text(encoding="utf-8")
    first = ast.parse(text, feature_version=(3, 6)).body[1:3]
    assert [type(statement) for statement in first] == [ast.Import, ast.If]


def _run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)
