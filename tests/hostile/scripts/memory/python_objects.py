"""Takes 4 GB by bytes, lists, strings and a dictionary that doubles."""
attempt("bytes", lambda: len(bytes(4 << 30)))
attempt("bytearray", lambda: len(bytearray(4 << 30)))
attempt("str", lambda: len("x" * (4 << 30)))
attempt("list", lambda: len([None] * (1 << 29)))
attempt("int", lambda: (1 << (34 << 30)).bit_length())
doubled = ["x"]
try:
    while len(doubled) < 1 << 29:
        doubled += doubled
except MemoryError:
    print("stopped at", len(doubled))
