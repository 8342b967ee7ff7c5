"""The system call filter, run by an interpreter of its byte code."""

import errno
import struct

import pytest

from autograder.guest import lockdown

ALLOW, KILL = 0x7FFF0000, 0x80000000
DONE, EPERM, ENOSYS = (0x00050000 | number for number in (0, errno.EPERM, errno.ENOSYS))
UNSUPPORTED = 0x00050000 | errno.ENOTSUP
FORBIDDEN = {  # name: (x86_64, aarch64)
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "kill": (62, 129),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "ptrace": (101, 117),
    "sendmsg": (46, 211), "sendmmsg": (307, 269), "chown": (92, None), "fchownat": (260, 54),
    "truncate": (76, 45), "fchmodat2": (452, 452), "setxattr": (188, 5), "flock": (73, 32),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "mount": (165, 40), "unshare": (272, 97), "setns": (308, 268),
    "keyctl": (250, 219), "shmget": (29, 194), "memfd_create": (319, 279), "bpf": (321, 280),
    "io_uring_setup": (425, 425), "prlimit64": (302, 261), "setrlimit": (160, 164),
    "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "seccomp": (317, 277),
    "symlinkat": (266, 36), "mknodat": (259, 33), "sethostname": (170, 161),
}  # fmt: skip


def verdict(machine, number, arg0=0, arg1=0, arch=None, arg2=0):
    arch = lockdown.AUDIT_ARCH[machine] if arch is None else arch
    data = struct.pack("=IIQQQQ", number, arch, 0, arg0, arg1, arg2)
    code = lockdown.filter_program(machine)
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
    special = {call[column] for call in (lockdown.CLONE, lockdown.CLONE3)}
    special |= {call[column] for call, _ in lockdown.GUARDED.values()}
    special.add(lockdown.UTIMENSAT[column])
    answers = dict.fromkeys(allowed, ALLOW)
    for table, answer in ((lockdown.PRETENDED, DONE), (lockdown.UNSUPPORTED, UNSUPPORTED)):
        answers |= {call[column]: answer for call in table.values()}
    for number in range(600):
        if number not in special:
            assert verdict(machine, number) == answers.get(number, EPERM), number


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
    number = lockdown.GUARDED["fcntl"][0][["x86_64", "aarch64"].index(machine)]
    for command in range(1100):
        wanted = ALLOW if command in {0, 1, 2, 3, 4, 5, 1030} else EPERM
        wanted = DONE if command in {6, 7} else wanted
        assert verdict(machine, number, arg1=command) == wanted, command


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_socket_pairs_are_streams_between_their_own_ends(machine):
    number = (53, 199)[["x86_64", "aarch64"].index(machine)]
    flags = [0, 0x800, 0x80000, 0x80800]
    for family in range(50):
        for kind in range(12):
            wanted = ALLOW if (family, kind) == (1, 1) else EPERM
            assert {verdict(machine, number, family, kind | flag) for flag in flags} == {wanted}
    assert verdict(machine, number, 1, 1 | 0x100) == EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_ioctl_sets_a_descriptors_own_flags_only(machine):
    number = (16, 29)[["x86_64", "aarch64"].index(machine)]
    tiocsti, tcgets, fionread, ficlone = 0x5412, 0x5401, 0x541B, 0x40049409
    for command in (tiocsti, tcgets, fionread, ficlone, 0):
        assert verdict(machine, number, arg1=command) == EPERM
    assert verdict(machine, number, arg1=0x5421) == ALLOW


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_modes_and_dates_are_set_in_name_only(machine):
    column = ["x86_64", "aarch64"].index(machine)
    for name in ("fchmod", "fchmodat"):
        assert verdict(machine, lockdown.PRETENDED[name][column], arg1=0o777, arg2=0o777) == DONE
    # Path.touch makes a file where setting the date "now", a null pointer, fails.
    assert verdict(machine, lockdown.UTIMENSAT[column], arg2=0) == EPERM
    assert verdict(machine, lockdown.UTIMENSAT[column], arg2=0x7FFF0000) == DONE


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
