"""The course around the grader, and the only part that imports nbgrader."""

import os
import sys
from pathlib import Path

# nbgrader starts `alembic` by name. The one beside our interpreter comes first: another folder of
# PATH, the present one for instance, may hold a program of somebody else's.
_scripts = str(Path(sys.executable).parent)
if os.environ.get("PATH", "").split(os.pathsep)[0] != _scripts:
    os.environ["PATH"] = os.pathsep.join([_scripts, os.environ.get("PATH", os.defpath)])
