"""A PostgreSQL server of a test's own: on the loopback, in a folder of its own, never as root."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

SUPERUSER = "grader"


def find_binaries():
    """Return the folder of the server's programs, None where there is no server."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").is_file()), None)


def _someone():
    """Return the user that the server runs as: nobody in particular where we are root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def server(binaries):
    """Yield the URL of a database that is empty."""
    user = _someone()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # pytest's own folder is closed to other users
    password = secrets.token_hex(16)
    (folder / "password").write_text(password, encoding="ascii")
    if user:
        shutil.chown(folder, user)
        shutil.chown(folder / "password", user)

    def run(program, *arguments):
        entry = pwd.getpwnam(user) if user else None
        subprocess.run(
            [binaries / program, *arguments], cwd=folder, check=True, capture_output=True,
            user=entry and entry.pw_uid, group=entry and entry.pw_gid,
            extra_groups=[] if entry else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PGPASSWORD": password},
        )  # fmt: skip

    data = folder / "data"
    try:
        run("initdb", "-D", data, "-U", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8",
            "--no-sync", f"--pwfile={folder / 'password'}")  # fmt: skip
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", f"{options} -c fsync=off",
            "start")  # fmt: skip
        try:
            run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", SUPERUSER, "grades")
            yield f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/grades"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
