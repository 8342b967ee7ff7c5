"""Calls ten thousand magics and shell commands with names that are long or hostile."""
# base: solution
shell = get_ipython()
for number in range(10000):
    shell.run_line_magic("::error::" + "m" * 200, "")
    shell.system("x" * 2000)
    shell.run_cell_magic("bash", "", "rm -rf /")
