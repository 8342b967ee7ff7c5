"""Debian's Chromium, where there is one."""

import os
import shutil
from contextlib import contextmanager

import pytest


@contextmanager
def chromium():
    """Start a browser, or skip the tests that need one."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
