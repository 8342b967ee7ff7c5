"""Signals its parent, its group, every process, the grader, by every call there is."""
import os
import signal

for pid in (-1, 0, 1, os.getppid(), TARGETS["grader_pid"], 2):
    for number in (0, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        attempt(f"kill {pid} {number}", lambda: os.kill(pid, number))
        attempt(f"killpg {pid} {number}", lambda: os.killpg(abs(pid), number))
    syscall("tgkill", pid, pid, 9)
    syscall("tkill", pid, 9)
    syscall("rt_sigqueueinfo", pid, 9, None)
    syscall("pidfd_open", pid, 0)
attempt("raise_signal", lambda: signal.raise_signal(signal.SIGUSR1))
attempt("pthread_kill", lambda: signal.pthread_kill(__import__("threading").get_ident(), signal.SIGUSR1))
