"""Every page of the site, in a browser: light and dark, wide and narrow, by keyboard."""

from pathlib import Path

import checks
import nbformat
import pytest
from editions import PATHS, ROOT

SITE, NOTEBOOKS = ROOT / "_build" / "html", ROOT / "_build" / "notebooks"
PAGES = checks.pages(SITE)
CHAPTERS = [page for page in PAGES if "chapters/" in page]

each_page = pytest.mark.parametrize("name", PAGES)
each_edition = pytest.mark.parametrize("edition", PATHS.values(), ids=PATHS)


def test_the_site_is_there():
    assert len(CHAPTERS) > 40
    assert {"chapters/welcome.html", "search.html", "pt/chapters/welcome.html", "pt/search.html"} <= set(PAGES)


@each_edition
def test_the_address_of_the_site_leads_to_the_cover(edition, page, address):
    page.goto(f"{address}/{edition}")
    page.wait_for_url(f"{address}/{edition}chapters/welcome.html")


def test_every_link_inside_the_site_leads_somewhere(site):
    assert list(checks.broken_links(site)) == []


@each_page
def test_a_page_is_whole_by_keyboard_and_light_and_dark_and_wide_and_narrow(name, page, address):
    watch = checks.Watch(page)
    page.goto(f"{address}/{name}")
    checks.settled(page)
    problems = checks.mathematics(page)
    problems += checks.unfolds(page) + checks.slides(page) + checks.copies(page)
    checks.unfold(page)
    for width in (320, 375, 1300):
        checks.resize(page, width)
        problems += checks.overflow(page)
    checks.lighten(page)
    for mode in ("light", "dark"):
        checks.switch(page, mode)
        problems += [f"{mode}: {problem}" for problem in checks.accessibility(page)]
    assert problems + watch.problems == []
    assert watch.requests > 5


@each_edition
def test_there_is_something_to_move_to_unfold_and_to_copy(edition, site):
    chapters = [name for name in CHAPTERS if name.startswith(f"{edition}chapters/")]
    text = "".join((site / name).read_text(encoding="utf-8") for name in chapters)
    assert text.count('class="moving-picture"') >= 6
    assert text.count("sd-dropdown") >= 100
    assert text.count('class="solution dropdown') >= 40


@pytest.mark.parametrize("name", [name for name in CHAPTERS if (NOTEBOOKS / name).with_suffix(".ipynb").is_file()])
def test_a_notebook_can_be_downloaded(name, page, address):
    page.goto(f"{address}/{name}")
    page.locator(".dropdown-download-buttons > button").click()
    with page.expect_download() as download:
        page.locator(".btn-download-source-button").click()
    notebook = nbformat.read(download.value.path(), as_version=4)
    nbformat.validate(notebook)
    assert download.value.suggested_filename == f"{Path(name).stem}.ipynb"
    assert any(cell.cell_type == "code" for cell in notebook.cells)


@pytest.mark.parametrize(
    ("edition", "words", "expected"),
    [
        ("", "tangent kernel", "chapters/tangent-kernel.html"),
        ("", "empirical_kernel", "chapters/reference.html"),
        ("", "delta", "chapters/offsets.html"),
        ("", "spectral bias", "chapters/spectral-bias.html"),
        ("pt/", "kernel tangente", "chapters/tangent-kernel.html"),
        ("pt/", "empirical_kernel", "chapters/reference.html"),
        ("pt/", "delta", "chapters/offsets.html"),
        ("pt/", "viés espectral", "chapters/spectral-bias.html"),
        ("pt/", "mínimos quadrados", "chapters/least-squares.html"),
    ],
)
def test_the_search_finds_terms_and_names(edition, words, expected, page, address):
    watch = checks.Watch(page)
    found = checks.results(page, f"{address}/{edition}".rstrip("/"), words)
    assert [link for link in found[:10] if link.startswith(expected)], found[:10]
    assert watch.problems == []


def test_what_is_in_no_page_is_not_found(page, address):
    assert checks.results(page, address, "zyzzyva") == []


@pytest.mark.parametrize(("edition", "words"), [("", "Skip to main content"), ("pt/", "Ir para o conteúdo principal")])
def test_a_reader_reaches_everything_with_the_tabulator(edition, words, page, address):
    page.goto(f"{address}/{edition}chapters/linearization.html")
    checks.settled(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == words
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"
    page.goto(f"{address}/{edition}chapters/linearization.html")
    checks.settled(page)
    unreached = page.evaluate_handle(
        """() => new Set([...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")].filter(
          (element) => element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0
            && !element.disabled))"""
    )
    wanted = unreached.evaluate("set => set.size")
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        unreached.evaluate("set => set.delete(document.activeElement)")
    assert wanted > 50
    assert unreached.evaluate("set => [...set].map((element) => element.outerHTML.slice(0, 120))") == []


def test_the_theme_changes_by_keyboard(page, address):
    page.goto(f"{address}/chapters/welcome.html")
    modes = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.focus()
        page.keyboard.press("Enter")
        modes.add(page.evaluate("document.documentElement.dataset.mode"))
    assert modes == {"light", "dark", "auto"}
