"""Fails a case quickly, and takes for ever when it is run again with its rules watched."""
# base: solution
# after
# slow


def apply(self, gradient):
    while hasattr(type(self).apply, "__wrapped__"):
        pass
    return None, None


MulBackward.apply = apply
