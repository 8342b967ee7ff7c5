"""jaxtyping: hints that mean nothing."""


class _Hint:
    def __class_getitem__(cls, shape):
        return cls

    @classmethod
    def __or__(cls, other):
        return cls


class Float(_Hint):
    """A hint."""


class Int(_Hint):
    """A hint."""
