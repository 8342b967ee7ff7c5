"""Writes a file, a folder, a link and a pipe into every folder it can find."""
import os
import sys
import tempfile

folders = {"/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/submission-imports", "/submission-imports/guest",
           "/submission-imports/tinytorch/core", "/lib", "/usr/lib", "/dev", ".", TARGETS["course"], *sys.path}
for folder in sorted(folders):
    for name, action in {
        "file": lambda: open(os.path.join(folder, "written"), "w").write("x"),
        "exclusive": lambda: os.open(os.path.join(folder, "made"), os.O_CREAT | os.O_EXCL | os.O_WRONLY),
        "folder": lambda: os.mkdir(os.path.join(folder, "folder")),
        "symlink": lambda: os.symlink("/", os.path.join(folder, "link")),
        "unnamed file": lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR),
    }.items():
        attempt(f"{name} in {folder}", action)
attempt("tempfile", lambda: tempfile.NamedTemporaryFile())
attempt("TemporaryFile", lambda: tempfile.TemporaryFile())
