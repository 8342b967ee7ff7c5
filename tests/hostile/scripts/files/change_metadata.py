"""Changes mode, owner, times, size and attributes of files it may read, and of others."""
import os
import shutil
import sys

# What the machine itself needs is only ever given what it has already: should a wall be down, nothing breaks.
for path in (os.__file__, sys.modules["guest.wire"].__file__, "/", "/dev/null", TARGETS["sibling"], TARGETS["gradebook"]):
    mode = os.stat(path).st_mode & 0o7777 if os.path.exists(path) else 0o600
    attempt(f"chmod {path}", lambda: os.chmod(path, mode))
    attempt(f"chown {path}", lambda: os.chown(path, -1, -1))
    attempt(f"utime {path}", lambda: os.utime(path, ns=(os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns)))
    attempt(f"setxattr {path}", lambda: os.setxattr(path, "user.hostile", b"x"))
    attempt(f"append to {path}", lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
for key in ("sibling", "gradebook", "home_file", "seed_file"):
    path = TARGETS[key]
    attempt(f"truncate {key}", lambda: os.truncate(path, 0))
    attempt(f"link {key}", lambda: os.link(path, path + ".link"))
    attempt(f"rename {key}", lambda: os.rename(path, path + ".gone"))
    attempt(f"overwrite {key}", lambda: open(path, "wb").write(b"x"))
    attempt(f"unlink {key}", lambda: os.unlink(path))
attempt("rmtree of the course", lambda: shutil.rmtree(TARGETS["course"]))
descriptor = os.open(os.__file__, os.O_RDONLY)
attempt("fchmod of a readable file", lambda: os.fchmod(descriptor, os.fstat(descriptor).st_mode & 0o7777))
attempt("futimens of a readable file", lambda: os.utime(descriptor, ns=(os.fstat(descriptor).st_atime_ns, os.fstat(descriptor).st_mtime_ns)))
