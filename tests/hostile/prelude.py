"""Run before every hostile script, inside the sandbox: tell what was reached from what was denied.

Standard library only, and no import of ours: this file's text is a cell of the submission.
"""

import ctypes
import os
import platform

# name: (x86_64, aarch64); None where the architecture has no such call. From the kernel's
# arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
NUMBERS = {
    "accept": (43, 202), "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171),
    "arch_prctl": (158, None), "bind": (49, 200), "bpf": (321, 280), "capset": (126, 91),
    "chdir": (80, 49), "chmod": (90, None), "chown": (92, None), "chroot": (161, 51),
    "clock_settime": (227, 112), "clone": (56, 220), "clone3": (435, 435), "connect": (42, 203),
    "copy_file_range": (326, 285), "creat": (85, None), "delete_module": (176, 106),
    "epoll_create1": (291, 20), "eventfd2": (290, 19), "execve": (59, 221),
    "execveat": (322, 281), "fallocate": (285, 47), "fanotify_init": (300, 262),
    "fchdir": (81, 50), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "fchown": (93, 55), "fchownat": (260, 54), "finit_module": (313, 273), "flock": (73, 32),
    "fork": (57, None), "fsconfig": (431, 431), "fsetxattr": (190, 7), "fsmount": (432, 432),
    "fsopen": (430, 430), "fspick": (433, 433), "ftruncate": (77, 46), "init_module": (175, 105),
    "inotify_init1": (294, 26), "io_setup": (206, 0), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioctl": (16, 29),
    "ioperm": (173, None), "iopl": (172, None), "kcmp": (312, 272), "kexec_load": (246, 104),
    "keyctl": (250, 219), "kill": (62, 129), "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446), "link": (86, None), "linkat": (265, 37),
    "listen": (50, 201), "listmount": (458, 458), "listns": (470, 470), "lsetxattr": (189, 6),
    "lsm_set_self_attr": (460, 460), "mbind": (237, 235), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "migrate_pages": (256, 238), "mkdir": (83, None),
    "mkdirat": (258, 34), "mknodat": (259, 33), "mlock": (149, 228), "mlock2": (325, 284),
    "mlockall": (151, 230), "modify_ldt": (154, None), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "move_pages": (279, 239),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "msgget": (68, 186),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "openat2": (437, 437), "perf_event_open": (298, 241), "personality": (135, 92),
    "pidfd_getfd": (438, 438), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41), "prctl": (157, 167), "prlimit64": (302, 261),
    "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117),
    "quotactl": (179, 60), "reboot": (169, 142), "removexattr": (197, 14), "renameat2": (316, 276),
    "request_key": (249, 218), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "seccomp": (317, 277),
    "semget": (64, 190), "sendfile": (40, 71), "sendmmsg": (307, 269), "setdomainname": (171, 162),
    "setgid": (106, 144), "setgroups": (116, 159), "sethostname": (170, 161), "setns": (308, 268),
    "setpgid": (109, 154), "setpriority": (141, 140), "setresuid": (117, 147),
    "setrlimit": (160, 164), "setsid": (112, 157), "setsockopt": (54, 208),
    "settimeofday": (164, 170), "setuid": (105, 146), "setxattr": (188, 5), "shmat": (30, 196),
    "shmget": (29, 194), "shutdown": (48, 210), "signalfd4": (289, 74), "socket": (41, 198),
    "socketpair": (53, 199), "splice": (275, 76), "statmount": (457, 457), "swapon": (167, 224),
    "symlinkat": (266, 36), "syncfs": (306, 267), "syslog": (103, 116), "tee": (276, 77),
    "tgkill": (234, 131), "timer_create": (222, 107), "timerfd_create": (283, 85),
    "tkill": (200, 130), "truncate": (76, 45), "umount2": (166, 39), "unlinkat": (263, 35),
    "unshare": (272, 97), "userfaultfd": (323, 282), "utimensat": (280, 88), "vhangup": (153, 58),
    "vmsplice": (278, 75),
}  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_own_pid = os.getpid()


def attempt(what, action):
    """Call ``action``; a return is a breach, and any exception a denial. Return what it gave."""
    try:
        found = action()
    except BaseException as error:
        print(f"denied {what}: {type(error).__name__}")
        return None
    if os.getpid() != _own_pid:
        os._exit(0)  # a copy of this process that should not be
    try:
        shown = repr(found)[:200]
    except BaseException:
        shown = "without a repr"
    print(f"REACHED {what}: {shown}")
    return found


def syscall(name, *args):
    """Make a raw system call by name; a result of 0 or more is a breach. Return the result."""
    number = NUMBERS[name][0 if platform.machine() == "x86_64" else 1]
    if number is None:
        print(f"denied {name}: not on this architecture")
        return -1
    wide = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    ctypes.set_errno(0)
    result = _libc.syscall(ctypes.c_long(number), *wide)
    if os.getpid() != _own_pid:
        os._exit(0)
    if result >= 0:
        print(f"REACHED {name}: {result}")
    else:
        print(f"denied {name}: {os.strerror(ctypes.get_errno())}")
    return result
