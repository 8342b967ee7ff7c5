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
import struct
from dataclasses import dataclass, field

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


@dataclass(frozen=True)
class Settings:
    """Limits and paths for every child of a worker. ``tier`` "none" locks nothing but resources."""

    tier: str
    memory_bytes: int
    cpu_seconds: int
    output_bytes: int
    import_paths: list[str]
    readable: list[str]
    inert: list[str] = field(default_factory=list)


def apply(settings: Settings) -> None:
    """Give everything up, strongest last; raises OSError when a step does not work."""
    limit_resources(settings.memory_bytes, settings.cpu_seconds)
    if settings.tier == "none":
        return
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    restrict_files(settings.readable)
    restrict_system_calls()


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Set hard limits: address space in bytes, CPU in seconds, no file writes, no core dump."""
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        # Hard and soft alike: the first process of a pid namespace ignores SIGXCPU, not SIGKILL.
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))


# Landlock.

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
# How many file-system rights each ABI version knows.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_BIND_CONNECT = 0b11
_SCOPE_ABSTRACT_UNIX_AND_SIGNALS = 0b11


def landlock_version() -> int:
    """Return the kernel's Landlock ABI version, 0 where there is none."""
    version = int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG))
    return max(version, 0)


def restrict_files(readable: list[str]) -> None:
    """Allow reading below the given paths, and nothing else of the file system or of TCP."""
    version = landlock_version()
    if version == 0:
        raise OSError(errno.ENOSYS, "Landlock is not available")
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    attributes = struct.pack("=Q", rights)
    if version >= 4:
        attributes += struct.pack("=Q", _NET_BIND_CONNECT)
    if version >= 6:
        attributes += struct.pack("=Q", _SCOPE_ABSTRACT_UNIX_AND_SIGNALS)
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    _check(ruleset, "landlock_create_ruleset")
    for path in readable:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)  # noqa: PTH112 # no pathlib before the lock
        rule = struct.pack("=Qi", allowed, parent)
        _check(_libc.syscall(_ADD_RULE, ruleset, 1, rule, 0), f"landlock_add_rule {path}")
        os.close(parent)
    _check(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


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
    "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212),
    "exit": (60, 93), "uname": (63, 160), "fcntl": (72, 25), "getcwd": (79, 17),
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
}  # fmt: skip
CLONE = (56, 220)
CLONE3 = (435, 435)

_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NR, _ARCH, _ARG0 = 0, 4, 16
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
    calls = (call[column] for call in ALLOWED.values())
    numbers = sorted(number for number in calls if number is not None)
    program = [
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
    for number in numbers:
        program += [(_JUMP_EQ, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    program.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


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
