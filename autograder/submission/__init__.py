"""A submission as it comes from a student: a notebook or a Python file, made into cells."""
