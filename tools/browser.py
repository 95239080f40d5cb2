"""Chromium, as the system has it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; FileNotFoundError says how to get one."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise FileNotFoundError(
            f"no browser: none of {', '.join(BROWSERS)} is on the path. On Debian and Ubuntu: apt-get install chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        yield browser
        browser.close()
