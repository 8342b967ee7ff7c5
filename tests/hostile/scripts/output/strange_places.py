"""Raises from code whose file claims to be a cell that is not there, or no number at all."""
# base: solution
import sys

for name in ("<cell 99999999999999999999>", "<cell -1>"):
    try:
        exec(compile("1/0", name, "exec"))
    except ZeroDivisionError:
        pass
raise SyntaxError("hostile", ("<cell x>", -5, 10**30, "text"))
