"""Changes how the kernel runs it: personality, segments, ports, address-space tricks."""
import ctypes

text = ctypes.create_string_buffer
syscall("personality", 0xFFFFFFFF)
syscall("personality", 0x0040000)
for code in (0x1001, 0x1002, 0x1011, 0x5001):
    syscall("arch_prctl", code, 0)
syscall("modify_ldt", 0, text(bytes(64)), 64)
syscall("ioperm", 0, 16, 1)
syscall("iopl", 3)
syscall("mlockall", 3)
syscall("mlock", 0, 4096)
syscall("migrate_pages", 0, 0, 0, 0)
syscall("mbind", 0, 4096, 0, 0, 0, 0)
syscall("timer_create", 0, None, text(bytes(8)))
syscall("process_mrelease", 3, 0)
