"""Feeds the compiler nested brackets, chained operators, a constant that folds to gigabytes."""
import ast

for source in ("(" * 50000, "-" * 100000 + "1", "1" + "+1" * 100000, "[" * 5000 + "]" * 5000, "lambda: " * 20000 + "1",
               "((1,) * 10000,) * 10000", "'x' * 10**9", "\n".join(" " * depth + "if 1:" for depth in range(120)),
               "f'{" * 200 + "1" + "}'" * 200, "x" * 1000000, "\0", "\\N{DIGIT ONE}", "2 ** 10 ** 6"):
    for compiler in (lambda: compile(source, "s", "exec"), lambda: ast.literal_eval(source)):
        try:
            compiler()
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
            print(type(error).__name__)
