"""Leaves a mark in every module and looks for one that another submission left."""
import builtins
import sys

import numpy as np

marked = [name for name, module in list(sys.modules.items()) if hasattr(module, "_hostile_mark")]
if marked:
    print("REACHED marks of another submission:", marked)
for module in list(sys.modules.values()):
    try:
        module._hostile_mark = "left behind"
    except Exception:
        pass
np.add.__class__
builtins.sum = lambda *args: 0
np.random.seed(0)
sys.path.append("/hostile")
