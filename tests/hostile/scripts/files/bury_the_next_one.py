"""Leaves folders 1,900 deep, names of all kinds and open files for the next submission to find."""
import os

os.umask(0o777)
for name in ("\n", "\x1b[2J", "\udcff", "-rf", "...", "\u202e", "a" * 255):
    open(name, "w").close()
    os.mkdir("f" + name[:200], 0)
os.umask(0)
here = os.getcwd()
for number in range(1800):
    os.mkdir("d")
    os.chdir("d")
os.chdir(here)
kept = open("kept", "w")
kept.write("left by another one")
os.unlink("kept")
