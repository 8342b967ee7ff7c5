"""Raises or removes its own resource limits, priority and processor mask."""
import os
import resource

for name in [name for name in dir(resource) if name.startswith("RLIMIT_")]:
    kind = getattr(resource, name)
    attempt(f"raise {name}", lambda: resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
    if hasattr(resource, "prlimit"):
        attempt(f"prlimit {name}", lambda: resource.prlimit(0, kind, (1 << 30, 1 << 30)))
attempt("nice", lambda: os.nice(-5))
attempt("setpriority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -10))
attempt("affinity", lambda: os.sched_setaffinity(0, {0}))
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
