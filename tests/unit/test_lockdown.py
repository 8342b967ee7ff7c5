"""The system call filter, run by an interpreter of its byte code."""

import errno
import struct

import pytest

from autograder.guest import lockdown

ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
FORBIDDEN = {  # name: (x86_64, aarch64)
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "kill": (62, 129),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "ptrace": (101, 117),
    "mkdir": (83, None), "mkdirat": (258, 34), "unlink": (87, None), "unlinkat": (263, 35),
    "chmod": (90, None), "fchmodat": (268, 53), "truncate": (76, 45), "ftruncate": (77, 46),
    "utimensat": (280, 88), "mount": (165, 40), "unshare": (272, 97), "setns": (308, 268),
    "keyctl": (250, 219), "shmget": (29, 194), "memfd_create": (319, 279), "bpf": (321, 280),
    "io_uring_setup": (425, 425), "prlimit64": (302, 261), "setrlimit": (160, 164),
    "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "seccomp": (317, 277),
    "rename": (82, None), "symlinkat": (266, 36), "mknodat": (259, 33), "sethostname": (170, 161),
}  # fmt: skip


def verdict(machine, number, arg0=0, arg1=0, arch=None, *, scratch=False):
    arch = lockdown.AUDIT_ARCH[machine] if arch is None else arch
    data = struct.pack("=IIQQQ", number, arch, 0, arg0, arg1)
    code = lockdown.filter_program(machine, scratch=scratch)
    program = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    at = value = 0
    while True:
        op, when_true, when_false, constant = program[at]
        if op == 0x06:
            return constant
        if op == 0x20:
            (value,) = struct.unpack_from("=I", data, constant)
            at += 1
            continue
        holds = {0x15: value == constant, 0x35: value >= constant, 0x45: bool(value & constant)}[op]
        at += 1 + (when_true if holds else when_false)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_number_is_allowed_by_the_table_or_denied(machine):
    column = ["x86_64", "aarch64"].index(machine)
    allowed = {call[column] for call in lockdown.ALLOWED.values()} - {None}
    special = {call[column] for call in (lockdown.CLONE, lockdown.CLONE3, lockdown.FCNTL)}
    for number in range(600):
        if number not in special:
            assert verdict(machine, number) == (ALLOW if number in allowed else EPERM), number


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_dangerous_call_is_denied(machine, name):
    number = FORBIDDEN[name][["x86_64", "aarch64"].index(machine)]
    if number is not None:
        assert verdict(machine, number) == EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_clone_makes_threads_only(machine):
    number = lockdown.CLONE[["x86_64", "aarch64"].index(machine)]
    assert verdict(machine, number, arg0=lockdown.CLONE_THREAD | 0x100) == ALLOW
    assert verdict(machine, number, arg0=17) == EPERM
    assert verdict(machine, number, arg0=0x10000000) == EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_fcntl_copies_descriptors_and_reads_and_sets_their_flags_only(machine):
    number = lockdown.FCNTL[["x86_64", "aarch64"].index(machine)]
    for command in range(1100):
        wanted = ALLOW if command in {0, 1, 2, 3, 4, 1030} else EPERM
        assert verdict(machine, number, arg1=command) == wanted, command


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_scratch_files_may_be_made_and_no_mode_changed(machine):
    column = ["x86_64", "aarch64"].index(machine)
    assert verdict(machine, (258, 34)[column], scratch=True) == ALLOW
    for name in ("fchmodat", "utimensat", "mount", "symlinkat", "mknodat", "unshare", "socket"):
        assert verdict(machine, FORBIDDEN[name][column], scratch=True) == EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_clone3_is_said_not_to_exist(machine):
    assert verdict(machine, 435) == ENOSYS


def test_calls_of_another_architecture_end_the_process():
    assert verdict("x86_64", 0, arch=lockdown.AUDIT_ARCH["aarch64"]) == KILL
    assert verdict("x86_64", 0, arch=0x40000003) == KILL
    assert verdict("x86_64", lockdown.X32_BIT | 1) == KILL


def test_machine_without_a_table_is_refused():
    with pytest.raises(OSError, match="riscv64"):
        lockdown.filter_program("riscv64")
