"""Makes thousands of folders and files until something is full."""
import os

made = 0
for number in range(3000):
    for folder in ("/", "/tmp", "/dev", "/submission-imports"):
        try:
            os.mkdir(f"{folder}/d{number}")
            made += 1
        except OSError:
            pass
        try:
            os.close(os.open(f"{folder}/f{number}", os.O_CREAT | os.O_WRONLY))
            made += 1
        except OSError:
            pass
    if made > 10:
        break
if made:
    print("REACHED inodes made:", made)
