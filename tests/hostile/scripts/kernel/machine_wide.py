"""Changes what belongs to the machine: clock, names, swap, quota, modules, power."""
import ctypes
import os
import socket
import struct
import time

# Should a wall be down, each of these leaves the machine as it is: a reply of success is the breach.
text = ctypes.create_string_buffer
name = os.uname().nodename.encode()
now = lambda: text(struct.pack("=qq", int(time.time()), int(time.time() % 1 * 10**9)))
syscall("sethostname", text(name), len(name))
syscall("clock_settime", 0, now())
syscall("adjtimex", text(bytes(208)))
syscall("reboot", 0xFEE1DEAD, 0x28121969, 0, None)
syscall("kexec_load", 0, 0, None, 0)
syscall("init_module", text(b"x"), 1, text(b""))
syscall("finit_module", 0, text(b""), 0)
syscall("delete_module", text(b"hostile"), 0)
syscall("swapon", text(b"/dev/zero"), 0)
syscall("quotactl", 0, None, 0, None)
syscall("acct", None)
syscall("syslog", 3, text(bytes(4096)), 4096)
syscall("syncfs", 0)
attempt("sethostname", lambda: socket.sethostname(os.uname().nodename))
attempt("clock", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()))
