"""Empties sys.modules, sys.path and every module's dictionary that it can do without."""
import sys

for name, module in list(sys.modules.items()):
    if name.startswith(("tinytorch", "json", "traceback", "guest.student")):
        try:
            vars(module).clear()
        except TypeError:
            pass
sys.path.clear()
sys.meta_path.clear()
sys.modules.clear()
