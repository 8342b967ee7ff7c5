"""Raises exceptions whose text, class name, place and repr are hostile or raise themselves."""
# base: solution
class Nasty(Exception):
    def __str__(self):
        raise SystemExit("from __str__")

    __repr__ = __format__ = __str__


Nasty.__name__ = "::error::\x1b[31m" + "N" * 5000
raise Nasty
