"""Makes processes and namespaces through clone and clone3 with every kind of flags."""
import ctypes
import struct

for flags in (17, 0x11 | 0x4000, 0x11 | 0x100, 0x10000011, 0x20000011, 0x02000011, 0x40000011, 0x7E020011, 0x8000 | 17):
    syscall("clone", flags, 0, 0, 0, 0)
arguments = ctypes.create_string_buffer(struct.pack("=8Q", 0, 0, 0, 0, 17, 0, 0, 0))
syscall("clone3", arguments, 64)
# A thread's flag together with a namespace's: the kernel itself must refuse.
for namespace in (0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x02000000):
    syscall("clone", 0x10000 | 0x100 | 0x800 | namespace, 0, 0, 0, 0)
