"""sklearn.datasets."""

import numpy as np


def make_moons(n_samples=100, **_):
    return np.zeros((n_samples, 2)), np.zeros(n_samples)
