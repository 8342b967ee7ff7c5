"""numba, which compiles nothing."""


def njit(function=None, **_):
    return function if function is not None else lambda decorated: decorated
