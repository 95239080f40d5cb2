"""Each check finds the fault of a page that was broken on purpose, and no fault in one that was not."""

from pathlib import Path

import checks
import pytest

BROKEN = Path(__file__).parent / "broken"


def opened(page, address, name):
    watch = checks.Watch(page)
    page.goto(f"{address}/{name}.html")
    page.wait_for_load_state("networkidle")
    return watch


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("console", "something went wrong"),
        ("uncaught", "uncaught: nothing is not defined"),
        ("missing", "404"),
        ("elsewhere", "leaves the site: http://127.0.0.2:9/"),
    ],
)
def test_complaints_and_requests(page, broken, name, fault):
    watch = opened(page, broken, name)
    assert [problem for problem in watch.problems if fault in problem]


@pytest.mark.parametrize(
    ("name", "check", "fault"),
    [
        ("formula-error", checks.mathematics, "mjx-merror: Undefined control sequence"),
        ("formula-missing", checks.mathematics, r"not typeset: \(w_0\)"),
        ("formula-raw", checks.mathematics, "TeX as it was typed"),
        ("contrast", checks.accessibility, "color-contrast"),
        ("alt", checks.accessibility, "image-alt"),
        ("folded-contrast", checks.accessibility, "color-contrast"),
        ("wide", checks.overflow, "px wide on"),
        ("cut", checks.overflow, "cut off at"),
        ("slider-dead", checks.slides, "it shows frames"),
        ("slider-mute", checks.slides, "the keys lead to"),
        ("folded-forever", checks.unfolds, "open is"),
        ("solution-forever", checks.unfolds, "open is"),
        ("solution-mute", checks.unfolds, "open is"),
        ("copy-dead", checks.copies, "copied"),
        ("sort-mute", checks.sorts, "aria-sort is None"),
        ("sort-dead", checks.sorts, "ascending is"),
        ("filter-dead", checks.filters, "shows 3 of 3 rows"),
    ],
)
def test_a_broken_page_is_found_out(page, broken, name, check, fault):
    opened(page, broken, name)
    page.set_viewport_size({"width": 375, "height": 700})
    checks.unfold(page)
    problems = check(page)
    assert problems
    assert all(fault in problem for problem in problems)


def test_a_whole_page_has_no_problem(page, broken):
    watch = opened(page, broken, "whole")
    page.set_viewport_size({"width": 320, "height": 700})
    found = [check(page) for check in (checks.mathematics, checks.overflow, checks.unfolds, checks.slides)]
    found += [checks.copies(page), checks.filters(page), checks.sorts(page), checks.accessibility(page)]
    assert found == [[]] * 8
    assert watch.problems == []
    assert page.locator(".moving-picture").count() == page.locator("details").count() == 1


def test_links_that_lead_nowhere_are_listed(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text('<h1 id="top">x</h1><a href="sub/page.html#there">x</a><a href="#top">x</a>')
    (tmp_path / "sub/page.html").write_text(
        '<p id="there"><a href="../index.html#gone">x</a><a href="gone.html">x</a><img src="../gone.png">'
        '<a href="https://example.org/gone">x</a><a href="../">x</a>'
    )
    assert list(checks.broken_links(tmp_path)) == [
        "sub/page.html: nothing is called gone in index.html",
        "sub/page.html: gone.html is not there",
        "sub/page.html: ../gone.png is not there",
    ]
