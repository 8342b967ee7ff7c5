"""Changes mode, owner, times, size and attributes of files it may read, and of others."""
import os
import shutil
import sys

own = os.__file__
guest = sys.modules["guest.wire"].__file__
for path in (own, guest, TARGETS["sibling"], TARGETS["gradebook"], TARGETS["home_file"], "/", "/dev/null"):
    attempt(f"chmod {path}", lambda: os.chmod(path, 0o666))
    attempt(f"chown {path}", lambda: os.chown(path, os.getuid(), os.getgid()))
    attempt(f"utime {path}", lambda: os.utime(path, (0, 0)))
    attempt(f"truncate {path}", lambda: os.truncate(path, 0))
    attempt(f"setxattr {path}", lambda: os.setxattr(path, "user.hostile", b"x"))
    attempt(f"unlink {path}", lambda: os.unlink(path))
    attempt(f"rename {path}", lambda: os.rename(path, path + ".gone"))
    attempt(f"link {path}", lambda: os.link(path, "/tmp/link"))
    attempt(f"append to {path}", lambda: open(path, "ab").write(b"x"))
attempt("rmtree of the course", lambda: shutil.rmtree(TARGETS["course"]))
descriptor = os.open(own, os.O_RDONLY)
attempt("fchmod of a readable file", lambda: os.fchmod(descriptor, 0o777))
attempt("futimens of a readable file", lambda: os.utime(descriptor, (0, 0)))
attempt("ftruncate of a readable file", lambda: os.ftruncate(descriptor, 0))
