"""Raises, prints and parses integers of millions of digits."""
# slow
import sys

sys.set_int_max_str_digits(0)
large = 7 ** (1 << 24)
print(len(str(large * large)))
