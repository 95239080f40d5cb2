"""What the first view of a page costs: bytes as a server with gzip sends them, seconds, and what moves meanwhile.

python tests/browser/loading.py     # a table of all pages of the site, with the time until the formulas stand
"""

import gzip
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import checks
from browser import chromium
from playwright.sync_api import Browser

PACKED = {".css", ".html", ".js", ".svg"}

# the time at which the formulas in view are typeset in their fonts, and each move of something that was visible
LOOK = """
  window.moves = [];
  new PerformanceObserver((list) => moves.push(...list.getEntries().map(({ value, startTime, sources }) =>
    ({ value, startTime, what: sources.map(({ node }) => node?.textContent?.trim().slice(0, 40) ?? "") }))),
  ).observe({ type: "layout-shift", buffered: true });
  const look = () => {
    const inView = ({ top, bottom, width }) => width && bottom > 0 && top < innerHeight;
    const formulas = [...document.querySelectorAll(".math")].filter((f) => inView(f.getBoundingClientRect()));
    const stand = document.readyState !== "loading" && document.fonts.status === "loaded"
      && !document.documentElement.matches(".typesetting") && formulas.every((f) => f.querySelector("mjx-container"));
    requestAnimationFrame(stand ? () => (window.standing = performance.now()) : look);
  };
  look();
"""


@cache
def body(path: Path) -> tuple[bytes, bool]:
    """What is sent of a file, and whether it is packed."""
    content = path.read_bytes()
    return (gzip.compress(content, 6), True) if path.suffix in PACKED else (content, False)


class Scales(SimpleHTTPRequestHandler):
    """A server that packs, as those of sites do, and notes how much it sent."""

    sent: dict[str, int]

    def __init__(self, *arguments, sent: dict[str, int], **options) -> None:
        self.sent = sent
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Send a file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content, packed = body(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)
        self.sent[self.path.partition("?")[0].lstrip("/")] = len(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@dataclass
class View:
    """The first view of a page, with nothing in the caches."""

    page: int  # bytes of the page itself
    total: int  # bytes of all that was sent
    standing: float  # milliseconds from opening until the formulas in view stood
    moves: list[dict]  # what moved

    @property
    def moved(self) -> float:
        """The sum of the layout shifts: of the window's height, times of its area."""
        return sum(move["value"] for move in self.moves)


@contextmanager
def weighing(site: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Serve a site; its address, and the bytes sent of each file."""
    sent: dict[str, int] = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Scales, sent=sent, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()


def first_view(browser: Browser, site: Path, name: str) -> View:
    """Open a page in a window of 1300 × 900 and leave it alone."""
    with weighing(site) as (address, sent):
        context = browser.new_context(viewport={"width": 1300, "height": 900})
        page = context.new_page()
        page.add_init_script(LOOK)
        page.goto(f"{address}/{name}")
        checks.settled(page)
        page.wait_for_load_state("networkidle")
        page.wait_for_function("window.standing")
        view = View(sent[name], sum(sent.values()), *page.evaluate("[standing, moves]"))
        context.close()
    return view


def main(site: Path) -> None:
    """Print the table."""
    with chromium() as browser:
        print(f"{'':40} page KB  total KB  formulas after ms  moved")
        for path in sorted(site.glob("chapters/**/*.html")):
            name = path.relative_to(site).as_posix()
            views = [first_view(browser, site, name) for _ in range(3)]
            time = statistics.median(view.standing for view in views)
            view = max(views, key=lambda view: view.moved)
            print(
                f"{name:40} {view.page / 1e3:7.1f} {view.total / 1e3:9.1f} {time:18.0f} {view.moved:6.4f}", flush=True
            )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html"))
