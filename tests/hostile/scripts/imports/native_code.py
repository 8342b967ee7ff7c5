"""Loads libraries by path and runs machine code of its own in anonymous memory."""
import ctypes
import ctypes.util
import mmap
import platform

attempt("a library from the course", lambda: ctypes.CDLL(TARGETS["course"] + "/evil.so"))
attempt("system()", lambda: (lambda status: status if status == 0 else 1 / 0)(ctypes.CDLL(None).system(b"true")))
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code = {
    "x86_64": b"\xb8\x39\x00\x00\x00\x0f\x05\xc3",  # fork
    "aarch64": b"\x48\x1b\x80\xd2\x01\x00\x00\xd4\xc0\x03\x5f\xd6",  # 218: request_key
}[platform.machine()]
memory.write(code)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
result = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
print("REACHED fork by machine code:" if result >= 0 else "denied fork by machine code:", result)
