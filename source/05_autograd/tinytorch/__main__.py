"""python -m tinytorch: test your notebook, and export it for the modules that follow."""

import sys

from tinytorch.checks.commands import main

if __name__ == "__main__":
    sys.exit(main())
