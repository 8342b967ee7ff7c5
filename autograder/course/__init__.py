"""The course around the grader, and the only part that imports nbgrader."""

import os
import sys
from pathlib import Path

# nbgrader starts `alembic` by name, which is beside our interpreter and not always on the path.
_scripts = str(Path(sys.executable).parent)
if _scripts not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), _scripts])
