"""Imports of the handout's modules as they stand in people's files, and their reloading."""

from __future__ import annotations

import re

from .draft import ASSIGNMENT, Draft
from .registry import wild

FROM_CORE = re.compile(r"^(\s*)from tinytorch\.core\.(\w+) import", re.MULTILINE)


def _rewritten(nb: Draft, to: str) -> Draft | None:
    """Return the notebook with another path in its imports, if there are any."""
    pattern = rf"\1{to}"
    changed = nb.map_code(lambda cell: cell if not cell.tree else _edited(cell, pattern))
    return None if changed == nb else changed


def _edited(cell, pattern):
    return type(cell)(FROM_CORE.sub(pattern, cell.source), cell.kind, cell.metadata, cell.outputs)


@wild("handout-imports", group="layouts")
def flat_package_path(nb):
    """Imports from tinytorch.tensor instead of tinytorch.core.tensor."""
    return _rewritten(nb, r"from tinytorch.\2 import")


@wild("handout-imports", group="layouts")
def core_without_the_package(nb):
    """Imports from core.tensor, as from inside the package's folder."""
    return _rewritten(nb, r"from core.\2 import")


@wild("handout-imports", group="layouts")
def relative_path(nb):
    """Imports from .tensor, as in the file that the course exports."""
    return _rewritten(nb, r"from .\2 import")


@wild("handout-imports", group="layouts")
def relative_path_of_the_package(nb):
    """Imports from ..core.tensor, as in a module of the package."""
    return _rewritten(nb, r"from ..core.\2 import")


@wild("handout-imports", group="layouts")
def package_itself(nb):
    """Imports all names from tinytorch itself."""
    stars = any("import *" in cell.source for cell in nb.code)
    if stars and not any("enable_autograd" in cell.source for cell in nb.code):
        return None  # an edition's package does not pass on its operations
    return _rewritten(nb, r"from tinytorch import")


@wild("handout-imports")
def either_path_tried(nb):
    """Tries the package's path, and another one where that fails."""
    text = "try:\n    from tinytorch.core.tensor import Tensor as _T\nexcept ImportError:\n    from core.tensor import Tensor as _T"
    return nb.in_imports(text)


@wild("handout-imports", adds="sys os")
def folders_put_on_the_path(nb):
    """Puts folders on the path in front of the imports."""
    return nb.in_imports(
        "import sys, os\n"
        "sys.path.insert(0, '..')\nsys.path.insert(0, os.path.abspath('../..'))\n"
        f"sys.path.append(os.path.join(os.getcwd(), 'modules', '{ASSIGNMENT}'))\n"
        "if '.' not in sys.path:\n    sys.path.append('.')"
    )


@wild("handout-imports", adds="sys Path root_folder")
def folder_above_put_on_the_path(nb):
    """Puts a folder on the path that is found from the working directory."""
    return nb.in_imports(
        "import sys\nfrom pathlib import Path\n"
        "root_folder = next((p for p in [Path.cwd(), *Path.cwd().parents] if (p / 'tinytorch').is_dir()), Path('.'))\n"
        "sys.path.insert(0, str(root_folder))"
    )


@wild("handout-imports", adds="importlib tensor_by_name")
def imported_by_name(nb):
    """Imports a module by importlib.import_module, above a rule."""
    return nb.in_rule(
        "import importlib\n"
        "tensor_by_name = importlib.import_module('tinytorch.core.tensor')\n"
        "print(tensor_by_name.Tensor, __import__('tinytorch.core.losses').core.losses.MSELoss)"
    )


@wild("handout-imports", adds="inspect")
def source_of_the_handout_read(nb):
    """Reads the handout's source, above a rule."""
    return nb.in_rule(
        "import inspect\nimport tinytorch.core.tensor as _handout\n"
        "print(len(inspect.getsource(_handout)) > 100, inspect.signature(_handout.Tensor.sum))\n"
        "print(_handout.__file__ is not None, open(_handout.__file__).readline() is not None)"
    )


@wild("handout-imports", adds="doctest pkgutil")
def package_listed(nb):
    """Lists the package's modules and prints its help, above a rule."""
    return nb.in_rule(
        "import pkgutil\nimport tinytorch.core as _core\n"
        "print([one.name for one in pkgutil.iter_modules(_core.__path__)], dir(_core)[:1])"
    )


@wild("reload", adds="importlib tinytorch")
def tensor_reloaded_above_the_imports(nb):
    """Reloads the handout's tensor module above the imports, while reading it."""
    return nb.in_imports(
        "import importlib\nimport tinytorch.core.tensor\nimportlib.reload(tinytorch.core.tensor)"
    )


@wild("reload", adds="importlib tinytorch name module")
def all_modules_reloaded_above_the_imports(nb):
    """Reloads each module of the handout in order, above the imports."""
    return nb.in_imports(
        "import importlib\n"
        "import tinytorch.core.tensor, tinytorch.core.activations, tinytorch.core.layers, tinytorch.core.losses\n"
        "for module in ('tensor', 'activations', 'layers', 'losses'):\n"
        "    importlib.reload(getattr(tinytorch.core, module))"
    )


@wild("reload", adds="sys name")
def modules_dropped_above_the_imports(nb):
    """Removes the handout's modules from sys.modules above the imports, for a fresh start."""
    return nb.in_imports(
        "import sys\nfor name in [n for n in sys.modules if n.startswith('tinytorch')]:\n    del sys.modules[name]",
        "name = 'fresh'",
    )


@wild("reload")
def autoreload_and_checks(nb):
    """Uses autoreload above the imports and prints after the engine."""
    return nb.in_imports("%load_ext autoreload\n%autoreload 2").in_engine(
        "", "print('engine ready')"
    )
