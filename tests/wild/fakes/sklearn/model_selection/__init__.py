"""sklearn.model_selection."""


def train_test_split(*arrays, **_):
    return [part for array in arrays for part in (array, array)]
