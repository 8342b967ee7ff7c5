"""Changes mode, owner, times, size and attributes of files it may read, and of others."""
import os
import shutil
import sys


def change(what, path, action):
    """Modes and dates are changed in name only: what counts is what the file is like afterwards."""
    def facts():
        found = os.stat(path)
        return found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns, found.st_size
    try:
        before = facts()
        action()
        if facts() != before:
            print("REACHED", what, path)
    except OSError as error:
        print("denied", what, type(error).__name__)


own = os.path.join(os.getcwd(), "own")
open(own, "w").close()
change("chmod", own, lambda: os.chmod(own, 0o601))
change("utime", own, lambda: os.utime(own, (1, 1)))
change("chown", own, lambda: os.chown(own, 12345, 12345))
# What the machine itself needs is only ever given what it has already: should a wall be down, nothing breaks.
for path in (os.__file__, sys.modules["guest.wire"].__file__, "/", "/dev/zero", TARGETS["sibling"], TARGETS["gradebook"]):
    attempt(f"chown {path}", lambda: os.chown(path, -1, -1))
    attempt(f"setxattr {path}", lambda: os.setxattr(path, "user.hostile", b"x"))
    attempt(f"append to {path}", lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
for key in ("sibling", "gradebook", "home_file", "seed_file"):
    path = TARGETS[key]
    # Outside, the arena sees whether these did anything.
    for action in (lambda: os.chmod(path, 0o777), lambda: os.utime(path, (1, 1)), lambda: os.utime(path)):
        try:
            action()
        except OSError:
            pass
    attempt(f"truncate {key}", lambda: os.truncate(path, 0))
    attempt(f"link {key}", lambda: os.link(path, path + ".link"))
    attempt(f"rename {key}", lambda: os.rename(path, path + ".gone"))
    attempt(f"move {key}", lambda: os.rename(path, "here"))
    attempt(f"overwrite {key}", lambda: open(path, "wb").write(b"x"))
    attempt(f"unlink {key}", lambda: os.unlink(path))
attempt("rmtree of the course", lambda: shutil.rmtree(TARGETS["course"]))
descriptor = os.open(own, os.O_RDONLY)
change("fchmod", own, lambda: os.fchmod(descriptor, 0o601))
change("futimens", own, lambda: os.utime(descriptor, (1, 1)))
