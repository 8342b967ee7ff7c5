"""Backtracks in a regular expression that takes longer than the universe."""
# slow
# base: solution
import re

re.match(r"(a+)+$", "a" * 60 + "b")
