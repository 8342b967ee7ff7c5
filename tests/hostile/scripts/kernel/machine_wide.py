"""Changes what belongs to the machine: clock, names, swap, quota, modules, power."""
import ctypes
import socket
import time

text = ctypes.create_string_buffer
syscall("sethostname", text(b"hostile"), 7)
syscall("setdomainname", text(b"hostile"), 7)
syscall("settimeofday", text(bytes(16)), None)
syscall("clock_settime", 0, text(bytes(16)))
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
syscall("vhangup")
syscall("syncfs", 0)
attempt("sethostname", lambda: socket.sethostname("hostile"))
attempt("clock", lambda: time.clock_settime(time.CLOCK_REALTIME, 0))
