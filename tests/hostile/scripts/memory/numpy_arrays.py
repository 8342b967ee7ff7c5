"""Takes 4 GB by NumPy: ones, broadcasting products, views that become real."""
import numpy as np

attempt("ones", lambda: np.ones(1 << 29).nbytes)
attempt("outer product", lambda: np.multiply.outer(np.ones(1 << 15), np.ones(1 << 14)).nbytes)
attempt("view made real", lambda: np.broadcast_to(1.0, (1 << 29,)).copy().nbytes)
attempt("stride tricks made real", lambda: np.lib.stride_tricks.as_strided(np.ones(1), (1 << 29,), (0,)).copy().nbytes)
attempt("matmul", lambda: (np.ones((1 << 15, 2)) @ np.ones((2, 1 << 14))).nbytes)
kept = []
try:
    for _ in range(64):
        kept.append(np.empty(1 << 23))
except MemoryError:
    print("stopped after", len(kept))
if len(kept) == 64:
    print("REACHED 4 GB in pieces")
