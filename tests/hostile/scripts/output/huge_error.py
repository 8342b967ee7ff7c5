"""Raises an exception with a message of a hundred megabytes and a chain of a thousand causes."""
# base: solution
error = ValueError("x" * (100 << 20))
for _ in range(1000):
    wrapped = ValueError("y")
    wrapped.__cause__ = error
    error = wrapped
raise ExceptionGroup("z" * 1000000, [error] * 1000)
