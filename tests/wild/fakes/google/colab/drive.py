"""Mounts nothing."""


def mount(path, force_remount=False):
    """Mount nothing."""


def flush_and_unmount():
    """Unmount nothing."""
