"""Prints a hundred megabytes."""
# base: solution
for _ in range(1600):
    print("x" * 65535)
