"""The lists of equations and of results lead to what they are about, and can be sorted and filtered."""

from functools import cache
from urllib.parse import urljoin

import checks
import pytest
from bs4 import BeautifulSoup, Tag
from catalogs import Translator
from editions import PATHS

LEDGER, RESULTS = "chapters/ledger", "chapters/results"
LISTS = [f"{path}{page}.html" for path in PATHS.values() for page in (LEDGER, RESULTS)]

each_edition = pytest.mark.parametrize("language", PATHS)


@pytest.fixture(scope="module")
def read(site):
    """Parse a page of the site, once."""
    return cache(lambda name: BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser"))


@pytest.fixture(scope="module")
def find(read):
    """What is called by an id in a page."""
    named = cache(lambda name: {tag["id"]: tag for tag in read(name).find_all(id=True)})
    return lambda name, target: named(name)[target]


def rows(page, header):
    """The rows of the first table of a page, the cells under the English titles of their columns."""
    table = page.select_one(".bd-article table")
    heads = header.split(" | ")
    assert len(table.select("thead th")) == len(heads)
    return [dict(zip(heads, row.select("td"), strict=True)) for row in table.select("tbody tr")]


def follow(find, name, cell: Tag):
    """What the links in a cell of a table lead to."""
    for link in cell("a"):
        path, target = urljoin(name, link["href"]).split("#")
        yield find(path, target)


@each_edition
def test_each_equation_leads_to_where_it_stands_and_to_what_verifies_it(language, read, find):
    name, verifies = f"{PATHS[language]}{LEDGER}.html", Translator(language, LEDGER).code("verified")
    table = rows(read(name), "equation | label | chapter | status | cell | tolerance")
    assert len(table) > 250
    for row in table:
        label = row["label"].get_text(strip=True)
        (equation,) = follow(find, name, row["equation"])
        assert "math" in equation["class"]
        assert row["equation"].get_text(strip=True) in equation.get_text()
        verified = verifies in row["status"].get_text()
        code = [cell.pre.get_text() for cell in follow(find, name, row["cell"])]
        assert bool(code) == verified, label
        assert all("verify" in source and f'"{label}"' in source for source in code), label


@each_edition
def test_each_result_leads_to_the_cell_that_computes_it(language, read, find):
    name = f"{PATHS[language]}{RESULTS}.html"
    table = rows(read(name), "result | source | verdict | chapter | cell")
    assert len(table) > 15
    for row in table:
        label = row["result"].get_text(strip=True)
        (cell,) = follow(find, name, row["cell"])
        assert f'"{label}"' in cell.pre.get_text()


@pytest.mark.parametrize("name", LISTS)
def test_the_rows_are_sorted_and_filtered_by_keyboard(name, page, address):
    page.goto(f"{address}/{name}")
    checks.settled(page)
    assert page.locator("th button").count() >= 5
    assert page.locator(".table-filter").count() == 1
    assert checks.sorts(page) + checks.filters(page) == []


def test_numbers_come_in_their_order_and_before_words(page, address):
    page.goto(f"{address}/{LISTS[0]}")
    page.get_by_role("button", name="tolerance").press("Enter")
    column = page.locator("table:has(th button) > tbody > tr > td:last-child").all_inner_texts()
    words = [text.strip() for text in column]
    numbers = [float(word) for word in words if word[:1].isdigit() and "," not in word]
    assert words[: len(numbers)] == sorted(words[: len(numbers)], key=float)
    assert words[-1] == ""
    page.get_by_role("button", name="equation").press("Enter")
    column = page.locator("table:has(th button) > tbody > tr > td:first-child").all_inner_texts()
    numbers = [tuple(map(int, text.strip(" ()").split("."))) for text in column]
    assert numbers == sorted(numbers)


def test_the_lists_are_whole_without_scripts(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{LISTS[0]}")
    assert page.locator(".bd-article tbody tr").count() > 250
    assert page.locator("th button").count() == 0
    context.close()
