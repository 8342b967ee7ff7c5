"""Hoards memory up to the limit so that the grader's own code in the child has none left."""
# slow
hoard = []
for size in (1 << 24, 1 << 20, 1 << 16, 1 << 12, 1 << 8):
    try:
        for _ in range(4096):
            hoard.append(bytearray(size))
    except MemoryError:
        pass
