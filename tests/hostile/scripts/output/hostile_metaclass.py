"""Raises an exception whose class has no name that can be read."""
# base: solution
class Meta(type):
    @property
    def __name__(cls):
        raise RuntimeError("no name")


class Odd(Exception, metaclass=Meta):
    pass


raise Odd
