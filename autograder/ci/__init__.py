"""Files that other systems need to run the grader: templates, and what goes with them.

``templates/`` holds the files as they are written, but for ``@@NAME@@``.
"""
