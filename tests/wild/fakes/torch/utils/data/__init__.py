"""torch.utils.data: two batches."""


class TensorDataset:
    """A data set."""

    def __init__(self, *tensors): ...


class DataLoader:
    """Two batches."""

    def __init__(self, data, **_): ...

    def __iter__(self):
        return iter([(1, 2), (3, 4)])
