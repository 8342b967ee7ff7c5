"""Writes large files, unlinked ones, and thousands of small ones, as fast as it can."""
import os
import tempfile

kept, written = [], 0
while written < 200:
    try:
        file = tempfile.TemporaryFile()
        for _ in range(3):
            written += file.write(bytes(1 << 20)) >> 20
        file.flush()
        kept.append(file)
    except OSError:
        written += 1
print("REACHED" if sum(os.fstat(file.fileno()).st_blocks for file in kept) > 2 * (200 << 11) else "denied", written)
for number in range(200_000):
    os.mkdir(f"d{number}")
else:  # in one statement: whoever ends its child goes on with the next one
    print("REACHED inodes")
