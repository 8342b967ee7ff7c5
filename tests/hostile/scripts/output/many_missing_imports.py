"""Fails to import a thousand packages with hostile names."""
# base: solution
import sys

from nothing_of_the_kind import one, two
import also_missing.deep.down
raise ImportError("hostile", name="::error::" + "i" * 100000, path="\x1b[2J")
