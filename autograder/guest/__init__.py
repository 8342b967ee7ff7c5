"""Everything that runs beside student code.

Imports the standard library and NumPy only, and nothing of ours from outside this folder: it is
bound into the sandbox by itself, where it is the top-level package ``guest``. Nothing here is
secret and nothing here judges.
"""
