"""Takes 4 GB by mmap: private, shared, from /dev/zero, by growing."""
import mmap
import os

attempt("4 GB private", lambda: mmap.mmap(-1, 4 << 30, mmap.MAP_PRIVATE))
attempt("4 GB shared", lambda: mmap.mmap(-1, 4 << 30))
zero = os.open("/dev/zero", os.O_RDONLY)
attempt("4 GB of /dev/zero", lambda: mmap.mmap(zero, 4 << 30, mmap.MAP_PRIVATE, mmap.PROT_READ))
small = mmap.mmap(-1, 4096)
attempt("grow to 4 GB", lambda: small.resize(4 << 30))
kept = []
try:
    for _ in range(64):
        kept.append(mmap.mmap(-1, 64 << 20))
except (OSError, MemoryError) as error:
    print("stopped after", len(kept), type(error))
if len(kept) == 64:
    print("REACHED 4 GB in pieces")
