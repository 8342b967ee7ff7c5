"""What a child gives up before it reads its job: resources, the file system, system calls.

Landlock and seccomp are reached through libc's ``syscall`` and ``prctl``; both need no privilege.
Whatever cannot be given up raises, so that no job is read.

References
----------
Linux ``Documentation/userspace-api/landlock.rst`` and ``seccomp_filter.rst``; system call numbers
from ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from dataclasses import dataclass, field
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


@dataclass(frozen=True)
class Settings:
    """Limits and paths for every child of a worker.

    Attributes
    ----------
    tier
        "none" gives up nothing but resources.
    readable, listable
        Paths that may be read, and folders of which only the list of names may be read.
    scratch, scratch_bytes
        Folder in which files may be written, and how large one of them may become. How many there
        are is watched from outside.
    contract
        The names that the course pins, and how its operations run, as data.
    threads
        How many a submission may have, itself included, where the kernel counts them.
    """

    tier: str
    memory_bytes: int
    cpu_seconds: int
    output_bytes: int
    scratch: str
    scratch_bytes: int
    import_paths: list[str]
    readable: list[str]
    contract: dict[str, Any]
    listable: list[str] = field(default_factory=list)
    threads: int = 0


def end_with_parent() -> None:
    """Let this process be killed when the one that started it ends, however it ends."""
    _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "parent-death signal")


def prepare(settings: Settings) -> int:
    """Return a Landlock rule set for :func:`apply`; -1 where there is none."""
    os.environ["TMPDIR"] = os.environ["HOME"] = settings.scratch
    if settings.tier == "none":
        return -1
    return make_ruleset(settings.readable, settings.listable, settings.scratch)


def apply(settings: Settings, ruleset: int) -> None:
    """Give everything up, strongest last; raises OSError when a step does not work."""
    end_with_parent()
    limit_resources(settings)
    os.chdir(settings.scratch)
    if settings.tier == "none":
        return
    drop_capabilities()
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _check(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)
    restrict_system_calls()


def limit_resources(settings: Settings) -> None:
    """Set hard limits: address space, processor time, files, threads, no core dump."""
    limits = {
        resource.RLIMIT_AS: settings.memory_bytes,
        # Hard and soft alike: the first process of a pid namespace ignores SIGXCPU, not SIGKILL.
        resource.RLIMIT_CPU: settings.cpu_seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: settings.scratch_bytes,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if settings.threads:
        limits[resource.RLIMIT_NPROC] = settings.threads
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_CAPABILITY_VERSION_3 = 0x20080522


def drop_capabilities() -> None:
    """Give up every capability; the bounding set does not matter where nothing can be executed."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(header), nothing), "capset")


# Landlock.

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _REFER, _TRUNCATE = (
    1 << bit for bit in (4, 5, 7, 8, 13, 14)
)
_SCRATCH_RIGHTS = (
    _WRITE_FILE | _READ_FILE | _READ_DIR | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG
    | _REFER | _TRUNCATE
)  # fmt: skip
# How many file-system rights each ABI version knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_BIND_CONNECT = 0b11
_SCOPE_ABSTRACT_UNIX_AND_SIGNALS = 0b11


def landlock_version() -> int:
    """Return the kernel's Landlock ABI version, 0 where there is none."""
    version = int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG))
    return max(version, 0)


def make_ruleset(readable: list[str], listable: list[str], scratch: str) -> int:
    """Return a rule set that leaves these paths, and nothing else of the files or of TCP."""
    version = landlock_version()
    if version == 0:
        raise OSError(errno.ENOSYS, "Landlock is not available")
    known = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    attributes = struct.pack("=Q", known)
    if version >= 4:
        attributes += struct.pack("=Q", _NET_BIND_CONNECT)
    if version >= 6:
        attributes += struct.pack("=Q", _SCOPE_ABSTRACT_UNIX_AND_SIGNALS)
    ruleset = int(_libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0))
    _check(ruleset, "landlock_create_ruleset")
    for path in readable:
        folder = os.path.isdir(path)  # noqa: PTH112 # no pathlib before the lock
        _allow(ruleset, path, _READ_FILE | (_READ_DIR if folder else 0))
    for path in listable:
        _allow(ruleset, path, _READ_DIR)
    _allow(ruleset, scratch, _SCRATCH_RIGHTS & known)
    _allow(ruleset, os.devnull, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & known)
    return ruleset


def _allow(ruleset: int, path: str, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, parent)
    _check(_libc.syscall(_ADD_RULE, ruleset, 1, rule, 0), f"landlock_add_rule {path}")
    os.close(parent)


# seccomp: an allow-list; everything else fails with EPERM. clone may make threads only.

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE_THREAD = 0x00010000

# name: (x86_64, aarch64); None where the architecture has no such call.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "stat": (4, None), "fstat": (5, 80),
    "lstat": (6, None), "poll": (7, None), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "pread64": (17, 67),
    "readv": (19, 65), "writev": (20, 66), "access": (21, None), "pipe": (22, None),
    "select": (23, None), "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233),
    "dup": (32, 23), "dup2": (33, None), "nanosleep": (35, 101), "setitimer": (38, 103),
    "getpid": (39, 172),
    "sendto": (44, 206), "recvfrom": (45, 207),
    "exit": (60, 93), "uname": (63, 160), "getcwd": (79, 17),
    "readlink": (89, None), "gettimeofday": (96, 169), "getrlimit": (97, 163),
    "getrusage": (98, 165), "times": (100, 153), "getuid": (102, 174), "getgid": (104, 176),
    "geteuid": (107, 175), "getegid": (108, 177), "getppid": (110, 173), "sigaltstack": (131, 132),
    "gettid": (186, 178), "time": (201, None), "futex": (202, 98), "sched_getaffinity": (204, 123),
    "getdents64": (217, 61), "restart_syscall": (219, 128), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "exit_group": (231, 94),
    "openat": (257, 56), "newfstatat": (262, 79), "readlinkat": (267, 78), "faccessat": (269, 48),
    "pselect6": (270, 72), "ppoll": (271, 73), "set_robust_list": (273, 99), "dup3": (292, 24),
    "pipe2": (293, 59), "getrandom": (318, 278), "membarrier": (324, 283), "statx": (332, 291),
    "rseq": (334, 293), "faccessat2": (439, 439), "open": (2, None),
    # An event loop, which a cell with `await` at its top level runs in.
    "epoll_wait": (232, None), "epoll_ctl": (233, 21), "epoll_pwait": (281, 22),
    "epoll_create1": (291, 20),
    # Files in the scratch folder. Landlock keeps them to it.
    "pwrite64": (18, 68), "fsync": (74, 82), "fdatasync": (75, 83), "ftruncate": (77, 46),
    "chdir": (80, 49), "rename": (82, None), "mkdir": (83, None), "rmdir": (84, None),
    "unlink": (87, None), "umask": (95, 166), "mkdirat": (258, 34), "unlinkat": (263, 35),
    "renameat": (264, 38), "renameat2": (316, 276),
}  # fmt: skip
# Not done, and said to be done: shutil.copy wants modes, shutil.copy2 dates. Landlock leaves these
# calls alone, and done they would reach files outside.
PRETENDED: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
}  # fmt: skip
# Said not to be supported by the file system, which shutil.copy2 takes for an answer.
UNSUPPORTED: dict[str, tuple[int | None, int | None]] = {
    "listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13),
}  # fmt: skip
# To set a date is pretended too, but not "now": Path.touch makes a file where that fails.
UTIMENSAT = (280, 88)
# Locks, which sqlite takes: nobody else has the file, so they are pretended. F_SETLK F_SETLKW.
LOCK_COMMANDS = (6, 7)
# Allowed with these values of an argument: the call's numbers, and for each argument that is looked
# at its place and the values it may have.
Guarded = tuple[tuple[int, int], dict[int, tuple[int, ...]]]
GUARDED: dict[str, Guarded] = {
    # What Python's own files need. Leases, locks, notices and owners of signals reach files and
    # processes outside: F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_DUPFD_CLOEXEC.
    "fcntl": ((72, 25), {1: (0, 1, 2, 3, 4, 5, 1030)}),
    # The same flags by another way, which sockets take: FIONBIO FIONCLEX FIOCLEX. No terminal.
    "ioctl": ((16, 29), {1: (0x5421, 0x5450, 0x5451)}),
    # A loop wakes itself through a pair that is connected to itself: AF_UNIX, and SOCK_STREAM with
    # SOCK_NONBLOCK, SOCK_CLOEXEC. A pair of datagram sockets could send to other ones by name.
    "socketpair": ((53, 199), {0: (1,), 1: (1, 0x801, 0x80001, 0x80801)}),
}
CLONE = (56, 220)
CLONE3 = (435, 435)

_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NR, _ARCH, _ARG0 = 0, 4, 16
Instruction = tuple[int, int, int, int]
X32_BIT = 0x40000000


def filter_program(machine: str) -> bytes:
    """Assemble the BPF program for ``machine``.

    Raises
    ------
    OSError
        For an architecture whose table is not here: its numbers would mean other calls.
    """
    if machine not in AUDIT_ARCH:
        raise OSError(errno.ENOSYS, f"no system call table for {machine}")
    column = 0 if machine == "x86_64" else 1
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQ, 1, 0, AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NR),
        (_JUMP_GE, 0, 1, X32_BIT),
        (_RETURN, 0, 0, _KILL),
        # glibc falls back from clone3, whose flags a filter cannot read, to clone.
        (_JUMP_EQ, 0, 1, CLONE3[column]),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        (_JUMP_EQ, 0, 4, CLONE[column]),
        (_LOAD, 0, 0, _ARG0),
        (_JUMP_SET, 0, 1, CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]
    program += [
        (_JUMP_EQ, 0, 4, UTIMENSAT[column]),
        (_LOAD, 0, 0, _ARG0 + 8 * 2),
        (_JUMP_EQ, 0, 1, 0),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ERRNO),
    ]
    program += _pretend_locks(GUARDED["fcntl"][0][column])
    for guarded, values in GUARDED.values():
        program += _only_with(guarded[column], values)
    for table, answer in (
        (ALLOWED, _ALLOW), (PRETENDED, _ERRNO), (UNSUPPORTED, _ERRNO | errno.ENOTSUP),
    ):  # fmt: skip
        for call in table.values():
            number = call[column]
            if number is not None:
                program += [(_JUMP_EQ, 0, 1, number), (_RETURN, 0, 0, answer)]
    program.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _pretend_locks(fcntl: int) -> list[Instruction]:
    """Answer fcntl's locks with success; go on with the number of any other call."""
    count = len(LOCK_COMMANDS)
    return [
        (_JUMP_EQ, 0, count + 4, fcntl),
        (_LOAD, 0, 0, _ARG0 + 8),
        *((_JUMP_EQ, count - place, 0, command) for place, command in enumerate(LOCK_COMMANDS)),
        (_LOAD, 0, 0, _NR),
        (_JUMP_EQ, 1, 0, fcntl),
        (_RETURN, 0, 0, _ERRNO),
    ]


def _only_with(number: int, values: dict[int, tuple[int, ...]]) -> list[Instruction]:
    """Allow one call where each argument that is looked at has one of its values."""
    body: list[Instruction] = []
    for argument, allowed in values.items():
        # The lower half of the argument: the kernel takes these as 32 bits.
        body.append((_LOAD, 0, 0, _ARG0 + 8 * argument))
        body += [(_JUMP_EQ, len(allowed) - place, 0, value) for place, value in enumerate(allowed)]
        body.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return [(_JUMP_EQ, 0, len(body) + 1, number), *body, (_RETURN, 0, 0, _ALLOW)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict_system_calls() -> None:
    """Install the filter; it cannot be taken off again."""
    code = filter_program(platform.machine())
    program = _Program(len(code) // 8, code)
    _check(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "seccomp")


def _check(returned: int, what: str) -> None:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
