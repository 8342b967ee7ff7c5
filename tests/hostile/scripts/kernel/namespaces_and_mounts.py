"""Makes namespaces, mounts, roots and file handles."""
import ctypes

text = ctypes.create_string_buffer
place = text(TARGETS["course"].encode())  # never a folder that the machine needs
for flags in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x400, 0):
    syscall("unshare", flags)
syscall("mount", text(b"none"), place, text(b"tmpfs"), 0, None)
syscall("mount", place, place, None, 0x1000, None)
syscall("mount", text(b"proc"), place, text(b"proc"), 0, None)
syscall("mount", None, place, None, 0x20, None)
for flags in (0, 1, 2, 4, 8):
    syscall("umount2", place, flags)
syscall("pivot_root", place, place)
syscall("chroot", text(b"/"))
syscall("fsopen", text(b"tmpfs"), 0)
syscall("fsconfig", 3, 6, None, None, 0)
syscall("fsmount", 3, 0, 0)
syscall("fspick", -100, text(b"/"), 0)
syscall("open_tree", -100, text(b"/"), 1)
syscall("move_mount", -100, place, -100, place, 0)
syscall("mount_setattr", -100, place, 0, text(bytes(32)), 32)
syscall("statmount", text(bytes(24)), text(bytes(512)), 512, 0)
syscall("listmount", text(bytes(24)), text(bytes(512)), 64, 0)
syscall("name_to_handle_at", -100, text(b"/"), text(b"\x80\0\0\0" + bytes(132)), text(bytes(8)), 0)
syscall("open_by_handle_at", -100, text(bytes(32)), 0)
for descriptor in range(0, 10):
    syscall("setns", descriptor, 0)
