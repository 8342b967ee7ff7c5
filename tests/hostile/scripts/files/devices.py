"""Opens devices: terminals, disks, memory, shared memory, and makes devices of its own."""
import os
import stat

for path in ("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/pts/0", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/shm", "/dev/net/tun", "/dev/kvm", "/dev/userfaultfd", "/dev/random", "/dev/full"):
    attempt(f"open {path}", lambda: os.open(path, os.O_RDONLY))
for path in ("/dev/null", "/dev/zero", "/dev/urandom"):
    attempt(f"write to {path}", lambda: os.write(os.open(path, os.O_WRONLY), b"x"))
attempt("mknod a disk", lambda: os.mknod("/tmp/disk", stat.S_IFBLK | 0o600, os.makedev(254, 0)))
attempt("mkfifo", lambda: os.mkfifo("/tmp/pipe"))
