"""Signals its parent, its group, every process, the grader, by every call there is."""
import os
import signal
import threading

# Signals that are ignored where nobody asked for them: a reply of success is the breach.
for pid in (-1, 0, 1, 2, os.getppid(), TARGETS["grader_pid"]):
    for number in (0, signal.SIGURG, signal.SIGWINCH):
        attempt(f"kill {pid} {number}", lambda: os.kill(pid, number))
        attempt(f"killpg {pid} {number}", lambda: os.killpg(abs(pid), number))
    syscall("tgkill", pid, pid, 23)
    syscall("tkill", pid, 23)
    syscall("rt_sigqueueinfo", pid, 23, None)
    syscall("pidfd_open", pid, 0)
attempt("raise_signal", lambda: signal.raise_signal(signal.SIGURG))
attempt("pthread_kill", lambda: signal.pthread_kill(threading.get_ident(), signal.SIGURG))
