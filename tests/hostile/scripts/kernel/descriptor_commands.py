"""Uses fcntl for more than flags: seals, pipe sizes, owners, signals, leases, hints."""
import fcntl
import os

reading, writing = os.pipe()
for name, command, value in (
    ("F_SETOWN", 8, os.getpid()), ("F_SETSIG", 10, 0), ("F_SETLEASE", 1024, 2), ("F_NOTIFY", 1026, 0),
    ("F_ADD_SEALS", 1033, 1), ("F_SETPIPE_SZ", 1031, 1 << 20), ("F_SET_RW_HINT", 1036, 0), ("F_GETOWN_EX", 16, 0),
):
    attempt(name, lambda: fcntl.fcntl(reading, command, value))
