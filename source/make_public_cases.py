"""Write what the handout's checks need: python source/make_public_cases.py.

The cases of ``public_cases/`` become data with expected values, and the parts of the grader that
run a case beside student code are copied, so that both run it alike.
"""

import shutil
from pathlib import Path

from autograder.config import load_config
from autograder.public.generate import public_data

COURSE = Path(__file__).resolve().parent.parent
CHECKS = COURSE / "source" / "05_autograd" / "tinytorch" / "checks"
GUEST = COURSE / "autograder" / "guest"
COPIED = ("interpreter.py", "student.py")


def main() -> None:
    """Write the data and the copies."""
    data = public_data(COURSE, load_config(COURSE / "config.yaml"))
    (CHECKS / "cases.json").write_text(data, encoding="utf-8", newline="\n")
    for name in COPIED:
        shutil.copyfile(GUEST / name, CHECKS / "runner" / name)


if __name__ == "__main__":
    main()
