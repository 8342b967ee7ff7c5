"""Changes files by raw number where the library's own functions might check first."""
import ctypes
import os
import platform

text = ctypes.create_string_buffer
paths = [text(path.encode()) for path in (TARGETS["sibling"], TARGETS["home_file"])]
descriptor = os.open(os.__file__, os.O_RDONLY)
for path in paths:
    syscall("truncate", path, 0)
    _libc.syscall(ctypes.c_long(NUMBERS["fchmodat"][platform.machine() != "x86_64"]), -100, path, 0o777, 0)  # in name only
    syscall("chown", path, 0, 0)
    syscall("creat", path, 0o600)
    syscall("fchmodat2", -100, path, 0o777, 0)
    syscall("fchownat", -100, path, 0, 0, 0)
    syscall("utimensat", -100, path, None, 0)
    syscall("linkat", -100, path, -100, text(b"/tmp/link"), 0)
    syscall("link", path, text(b"/tmp/link"))
    syscall("symlinkat", path, -100, text(b"/tmp/link"))
    syscall("renameat2", -100, path, -100, text(b"/tmp/moved"), 0)
    syscall("unlinkat", -100, path, 0)
    syscall("setxattr", path, text(b"user.h"), text(b"x"), 1, 0)
    syscall("lsetxattr", path, text(b"user.h"), text(b"x"), 1, 0)
    syscall("removexattr", path, text(b"user.h"))
    syscall("openat2", -100, path, text(bytes(24)), 24)
syscall("fchown", descriptor, -1, -1)
syscall("ftruncate", descriptor, 0)
syscall("fallocate", descriptor, 0, 0, 4096)
syscall("fsetxattr", descriptor, text(b"user.h"), text(b"x"), 1, 0)
syscall("mkdirat", -100, text(b"/tmp/made"), 0o700)
syscall("mkdir", text(b"/made"), 0o700)
syscall("mknodat", -100, text(b"/tmp/node"), 0o100600, 0)
