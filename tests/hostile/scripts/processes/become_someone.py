"""Changes its user, groups, session and capabilities."""
import ctypes
import os
import struct

for name, action in {
    "setuid": lambda: os.setuid(0), "setgid": lambda: os.setgid(0), "seteuid": lambda: os.seteuid(1),
    "setresuid": lambda: os.setresuid(0, 0, 0), "setgroups": lambda: os.setgroups([0]),
    "setsid": os.setsid, "setpgid": lambda: os.setpgid(0, 0), "initgroups": lambda: os.initgroups("root", 0),
    "chroot": lambda: os.chroot("/"), "umask": lambda: os.umask(0),
}.items():
    attempt(name, action)
header = ctypes.create_string_buffer(struct.pack("=II", 0x20080522, 0))
syscall("capset", header, ctypes.create_string_buffer(b"\xff" * 24))
