"""Hands back gradients of dtype object, string, void, datetime and long double."""
# base: solution
# after
import numpy as np

_original = Tensor.backward
_turn = iter(range(10**6))


def _spoiled(self, *args):
    _original(self, *args)
    for kind in (object, "U10", "V8", "datetime64[s]", np.longdouble, np.complex128)[next(_turn) % 6 :][:1]:
        try:
            self.grad = np.empty(self.data.shape, dtype=kind)
        except Exception:
            pass


Tensor.backward = _spoiled
