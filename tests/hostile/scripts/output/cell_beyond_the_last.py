"""Raises from code whose file claims to be a cell with an enormous number."""
# base: solution
exec(compile("1/0", "<cell 99999999999999999999>", "exec"))
