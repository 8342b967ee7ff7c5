"""Starts a process with every function of the standard library that could."""
import multiprocessing
import os
import pty
import subprocess

attempt("fork", os.fork)
attempt("forkpty", os.forkpty)
attempt("pty.fork", pty.fork)
attempt("openpty", os.openpty)
attempt("system", lambda: (lambda status: status if status == 0 else 1 / 0)(os.system("true")))
attempt("popen", lambda: os.popen("echo reached").read() or 1 / 0)
attempt("subprocess", lambda: subprocess.run(["/bin/sh", "-c", "id"], capture_output=True))
attempt("subprocess with preexec", lambda: subprocess.run(["true"], preexec_fn=lambda: None))
attempt("posix_spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("execv", lambda: os.execv("/bin/sh", ["sh"]))
attempt("spawn", lambda: multiprocessing.get_context("spawn").Process(target=print).start())
attempt("forkserver", lambda: multiprocessing.get_context("forkserver").Process(target=print).start())
attempt("pool", lambda: multiprocessing.Pool(1))
