"""Takes 4 GB by malloc, calloc and aligned allocation, and touches them."""
import ctypes

libc = ctypes.CDLL(None)
for name in ("malloc", "valloc"):
    function = getattr(libc, name)
    function.restype, function.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    place = function(4 << 30)
    if place:
        print("REACHED", name)
total, kept = 0, []
while total < 4 << 30:
    place = libc.malloc(ctypes.c_size_t(16 << 20))
    if not place:
        break
    total += 16 << 20
print(total >> 20, "MiB")
if total >= 4 << 30:
    print("REACHED 4 GB in pieces")
