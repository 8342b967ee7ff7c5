"""Looks for files that the submission before it left."""
import os

for folder in (".", os.environ["TMPDIR"], os.environ["HOME"]):
    found = [name for name in os.listdir(folder)]
    if found:
        print("REACHED", found)
for path in ("/dev/shm", "/tmp", os.path.dirname(os.getcwd())):
    if os.path.realpath(path) not in ("/", os.getcwd()):
        attempt(f"other folders in {path}", lambda: os.listdir(path))
open("for the next one", "w").write("left")
os.mkdir("folder for the next one")
