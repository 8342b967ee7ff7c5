"""Calls the kernel's newer interfaces: io_uring, bpf, userfaultfd, perf, fanotify, seccomp, Landlock."""
import ctypes

text = ctypes.create_string_buffer
syscall("io_uring_setup", 8, text(bytes(120)))
syscall("io_uring_enter", 3, 1, 0, 0, None, 0)
syscall("io_uring_register", -1, 0, None, 0)
syscall("io_setup", 8, text(bytes(8)))
for command in (0, 5, 9, 18):
    syscall("bpf", command, text(bytes(120)), 120)
syscall("userfaultfd", 0)
syscall("userfaultfd", 1)
syscall("perf_event_open", text(bytes(120)), 0, -1, -1, 0)
syscall("fanotify_init", 0, 0)
syscall("inotify_init1", 0)
syscall("seccomp", 0, 0, None)
syscall("seccomp", 1, 8, text(b"\x01\0" + bytes(14)))
syscall("seccomp", 2, 0, text(b"\0\0\xff\x7f"))
syscall("landlock_create_ruleset", None, 0, 1)
syscall("landlock_restrict_self", 3, 0)
syscall("lsm_set_self_attr", 100, text(bytes(64)), 64, 0)
syscall("signalfd4", -1, text(bytes(8)), 8, 0)
syscall("timerfd_create", 1, 0)
syscall("eventfd2", 0, 0)
for command in (22, 38, 4, 15, 23, 36, 59):
    syscall("prctl", command, 1, 0, 0, 0)
