"""Traces, reads and writes other processes' memory, and takes their descriptors."""
import ctypes
import os

buffer = ctypes.create_string_buffer(64)
for pid in (os.getppid(), 1, TARGETS["grader_pid"]):
    for request in (0x4206, 2):  # seize and peek: attaching would stop the grader, should a wall be down
        syscall("ptrace", request, pid, 0, 0)
    syscall("process_vm_readv", pid, buffer, 1, buffer, 1, 0)
    syscall("process_vm_writev", pid, buffer, 1, buffer, 1, 0)
    syscall("kcmp", pid, os.getpid(), 0, 0, 0)
    syscall("pidfd_open", pid, 0)
    syscall("move_pages", pid, 0, 0, 0, 0, 0)
    syscall("prlimit64", pid, 7, 0, buffer)
for descriptor in range(3, 12):
    syscall("pidfd_getfd", descriptor, 0, 0)
    syscall("pidfd_send_signal", descriptor, 0, 0, 0)
    syscall("process_madvise", descriptor, 0, 0, 0, 0)
