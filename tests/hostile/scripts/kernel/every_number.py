"""Calls every number from 0 to 600 that is not on a short list of harmless ones, with zeros."""
import ctypes
import platform

# What Python itself needs to go on, or what would end or block this process: known to be allowed.
column = 0 if platform.machine() == "x86_64" else 1
harmless = {
    (0, 63), (1, 64), (3, 57), (4, None), (5, 80), (6, None), (7, None), (8, 62), (9, 222), (10, 226), (11, 215), (12, 214),
    (13, 134), (14, 135), (15, 139), (17, 67), (19, 65), (20, 66), (21, None), (22, None), (23, None), (24, 124), (25, 216),
    (28, 233), (32, 23), (33, None), (35, 101), (38, 103), (39, 172), (44, 206), (45, 207), (46, 211), (47, 212), (56, 220),
    (57, None), (58, None), (60, 93), (63, 160), (72, 25), (79, 17), (89, None), (96, 169), (97, 163), (98, 165), (100, 153), (102, 174),
    (104, 176), (107, 175), (108, 177), (110, 173), (131, 132), (186, 178), (201, None), (202, 98), (204, 123), (217, 61),
    (219, 128), (228, 113), (229, 114), (230, 115), (231, 94), (257, 56), (262, 79), (267, 78), (269, 48), (270, 72), (271, 73),
    (273, 99), (292, 24), (293, 59), (318, 278), (324, 283), (332, 291), (334, 293), (439, 439), (2, None), (435, 435),
    (291, 20),
}
skipped = {pair[column] for pair in harmless}
skipped |= {335, 336, 153} if column == 0 else {58}  # uretprobe, uprobe: traps by design, which newer kernels let through; vhangup
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
reached = [number for number in range(601) if number not in skipped and libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0]
print("REACHED numbers:" if reached else "denied every other number", reached or "")
