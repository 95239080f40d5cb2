"""A page is light, and nothing in it moves while it loads."""

import random
from pathlib import Path

import checks
import pytest
from loading import first_view

SITE = Path(__file__).parents[2] / "_build" / "html"
CHAPTERS = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("**/chapters/**/*.html"))

PAGE, TOTAL = 150_000, 1_200_000
MOVED = 1e-3  # of the window, as if a fiftieth of it had moved by a twentieth of its height


def too_much(view):
    """What a first view costs more than it may."""
    return {
        *({"page"} if view.page > PAGE else ()),
        *({"total"} if view.total > TOTAL else ()),
        *({"moved"} if view.moved > MOVED else ()),
    }


def test_there_are_pages():
    assert len(CHAPTERS) > 40


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_first_view_is_light_and_still(name, browser, site):
    view = first_view(browser, site, name)
    assert not too_much(view), view
    assert view.total > view.page > 5_000


# where the target of a link is when the text appears
ARRIVAL = """
  let hidden = false;
  const look = () => {
    if (document.querySelector(".typesetting")) hidden = true;
    else if (hidden) return (window.arrived = document.querySelector(location.hash).getBoundingClientRect().top);
    requestAnimationFrame(look);
  };
  look();
"""


def test_a_link_to_an_equation_far_below_arrives_at_once_and_stays(page, address):
    page.add_init_script(ARRIVAL)
    page.goto(f"{address}/chapters/infinite-width.html#equation-eq-polynomial-rank")
    checks.settled(page)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("scrollY") > 10_000
    assert 0 < page.evaluate("arrived") < 200
    assert abs(page.locator("#equation-eq-polynomial-rank").bounding_box()["y"] - page.evaluate("arrived")) < 20


BANNER = "<script>setTimeout(() => document.body.insertAdjacentHTML('afterbegin', '<h1>Late</h1>'), 300)</script>"
PICTURE = "<p>Above</p><img {}><p>Below</p><script>setTimeout(() => (document.images[0].src = 'dot.svg'), 300)</script>"
NOISE = random.Random(0).randbytes(1_300_000)


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>Text.</p>", set()),
        (f"<p>Text.</p>{BANNER}", {"moved"}),
        (PICTURE.format(""), {"moved"}),
        (PICTURE.format("width='300' height='300'"), set()),
        (f"<!-- {NOISE[:100_000].hex()} -->", set()),
        (f"<!-- {NOISE[:200_000].hex()} -->", {"page"}),
        ("<script src='noise.js'></script>", {"total"}),
        ("<div style='height: 9000px'></div><img loading='lazy' src='noise.png'>", set()),
    ],
)
def test_a_heavy_or_restless_page_is_found(html, fault, browser, tmp_path):
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html>{html}", encoding="utf-8")
    (tmp_path / "noise.js").write_text(f"/* {NOISE.hex()} */", encoding="utf-8")
    (tmp_path / "noise.png").write_bytes(NOISE)
    dot = "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='300'/>"
    (tmp_path / "dot.svg").write_text(dot, encoding="utf-8")
    assert too_much(first_view(browser, tmp_path, "page.html")) == fault
