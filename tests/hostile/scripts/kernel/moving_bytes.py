"""Moves bytes between descriptors without reading them: splice, tee, sendfile, copy_file_range."""
import os

descriptor = os.open(os.__file__, os.O_RDONLY)
reading, writing = os.pipe()
for target in (1, 3, 4, 5, writing):
    syscall("sendfile", target, descriptor, 0, 100)
    syscall("splice", descriptor, 0, target, 0, 100, 0)
    syscall("copy_file_range", descriptor, 0, target, 0, 100, 0)
    syscall("tee", reading, target, 100, 0)
    syscall("vmsplice", target, 0, 0, 0)
    syscall("sendmmsg", target, 0, 0, 0)
