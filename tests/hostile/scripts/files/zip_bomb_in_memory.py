"""Unpacks a bomb in memory and asks for a zip slip on the way."""
import bz2
import gzip
import io
import lzma
import zipfile
import zlib

bomb = zlib.compress(bytes(1 << 26), 9)
try:
    for _ in range(3):
        bomb = zlib.compress(bomb * 50, 9)
    plain = bomb
    for _ in range(4):
        plain = zlib.decompress(plain)[: 1 << 28]
except MemoryError as error:
    print("out of memory, as it should", error)
except Exception as error:
    print(type(error))
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as packed:
    packed.writestr("../../../../tmp/slipped.py", "x")
    packed.writestr("/absolute.py", "x")
attempt("extract", lambda: zipfile.ZipFile(archive).extractall("/tmp"))
