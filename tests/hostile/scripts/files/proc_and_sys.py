"""Reads /proc and /sys: environments, memory maps, mounts, command lines of every process."""
import os

for path in (
    "/proc/self/environ", "/proc/1/environ", "/proc/self/maps", "/proc/self/mem", "/proc/self/mountinfo",
    "/proc/self/cmdline", "/proc/1/cmdline", "/proc/self/status", "/proc/self/fd", "/proc/net/unix",
    "/proc/net/tcp", "/proc/keys", "/proc/sysrq-trigger", "/proc/kcore", "/proc/sys/kernel/core_pattern",
    "/proc/thread-self/attr/current", "/proc/meminfo", "/sys/kernel/debug", "/sys/fs/cgroup", "/sys/class/net",
    f"/proc/{TARGETS['grader_pid']}/environ", f"/proc/{TARGETS['grader_pid']}/cmdline",
    f"/proc/{TARGETS['grader_pid']}/root{TARGETS['seed_file']}", f"/proc/{TARGETS['grader_pid']}/mem",
):
    attempt(f"open {path}", lambda: os.read(os.open(path, os.O_RDONLY), 100))
    attempt(f"list {path}", lambda: os.listdir(path))
for pid in (*range(1, 40), os.getppid()):
    attempt(f"/proc/{pid}", lambda: os.listdir(f"/proc/{pid}"))
