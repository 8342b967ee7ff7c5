"""Replaces what the guest uses of NumPy: array, ascontiguousarray, concatenate, frombuffer."""
# slow
import numpy as np

for name in ("array", "ascontiguousarray", "asarray", "concatenate", "frombuffer", "zeros", "ones"):
    setattr(np, name, lambda *args, **options: np.float64(0.0))
np.ndarray = np.generic = object
