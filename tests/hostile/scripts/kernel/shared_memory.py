"""Makes memory, messages and keys that outlive it: SysV, POSIX, memfd, keyrings."""
import ctypes
import mmap
from multiprocessing import shared_memory

text = ctypes.create_string_buffer
syscall("shmget", 0, 1 << 20, 0o1600)
syscall("shmget", 0x5EED, 1 << 20, 0o1600)
syscall("shmat", 0, 0, 0)
syscall("semget", 0, 4, 0o1600)
syscall("msgget", 0, 0o1600)
syscall("mq_open", text(b"hostile"), 0o102, 0o600, None)
syscall("mq_unlink", text(b"hostile"))
syscall("memfd_create", text(b"hostile"), 0)
syscall("memfd_secret", 0)
for ring in (-1, -2, -3, -4, -5):
    syscall("add_key", text(b"user"), text(b"hostile"), text(b"payload"), 7, ring)
    syscall("keyctl", 0, ring, 1)
    syscall("request_key", text(b"user"), text(b"hostile"), None, ring)
attempt("POSIX shared memory", lambda: shared_memory.SharedMemory(create=True, size=4096))
