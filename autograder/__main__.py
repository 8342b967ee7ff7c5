"""The command, and ``python -m autograder``."""

import signal
import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is being imported ends it without a traceback."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from autograder.cli import main as command

    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder that one stands in: nothing of it is imported
    main()
