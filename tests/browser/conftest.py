"""A browser, and the site behind a server of its own."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import chromium
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest, so that no worker waits for them."""
    items.sort(key=lambda item: "test_the_pdf_is_the_book" not in item.name)


class Handler(SimpleHTTPRequestHandler):
    """A server that keeps its log to itself."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def serve(directory: Path) -> Iterator[str]:
    """Serve a directory; the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=directory)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def site() -> Path:
    """The site as it was built last."""
    path = ROOT / "_build" / "html"
    assert (path / "index.html").is_file(), "the site is not built: make book"
    return path


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    yield from serve(site)


@pytest.fixture(scope="session")
def broken() -> Iterator[str]:
    """Where pages with one fault each are served."""
    yield from serve(Path(__file__).parent / "broken")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    try:
        with chromium() as browser:
            yield browser
    except FileNotFoundError as error:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window as wide as a notebook's, with a clipboard and nothing remembered."""
    context = browser.new_context(viewport={"width": 1300, "height": 900}, color_scheme="light")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()
