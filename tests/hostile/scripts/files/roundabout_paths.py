"""Reaches secrets by roundabout paths: dots, doubled slashes, directory descriptors, bytes."""
import os
import pathlib

secret = TARGETS["seed_file"]
for spelling in (
    "/submission-imports/../.." + secret, "/lib/../" + secret, "//" + secret, "/./" + secret,
    "/proc/self/root" + secret, "/proc/1/root" + secret, "/dev/fd/../../.." + secret,
    os.fsencode(secret), pathlib.Path(secret), "/usr/lib/../.." + secret,
):
    attempt(f"read {spelling!r}", lambda: open(spelling, "rb").read(200))
root = os.open("/", os.O_PATH)
attempt("openat below O_PATH root", lambda: os.read(os.open(secret.lstrip("/"), os.O_RDONLY, dir_fd=root), 200))
attempt("O_PATH, then reopen", lambda: os.read(os.open(f"/proc/self/fd/{os.open(secret, os.O_PATH)}", 0), 200))
attempt("fchdir", lambda: (os.fchdir(root), os.getcwd()))
