"""The editions of the site: the same pages, each leading to itself in the other language, and each in one language."""

import re
from collections import Counter
from urllib.parse import urljoin

import checks
import pytest
from bs4 import BeautifulSoup
from editions import LETTERS, PATHS, ROOT, SOURCE

SITE = ROOT / "_build" / "html"
OTHERS = [language for language in PATHS if language != SOURCE]
PAGES = {language: checks.pages(SITE / PATHS[language]) for language in OTHERS}
# the others stand in folders of the site
PAGES[SOURCE] = [page for page in checks.pages(SITE) if not page.startswith(tuple(PATHS[other] for other in OTHERS))]
# words that are the same in each language, beside the names of authors
SHARED = set(  # as file, run all and download are the names of buttons elsewhere
    "Colab Copyright Ctrl ntklib authors html pdf ipynb jax torch func jaxpr mesh bubblewrap TypeError AttributeError "
    "ensemble kernel ridge linear ReLU leaky NTK LeCun Mercer momentum softmax pytree zero diagonal use compare derive "
    "semi Fig empirical Schölkopf root all run file download source".lower().split()
)
WORD = re.compile(r"[^\W\d_]{3,}")
REFERENCES = (ROOT / "chapters" / "references.bib").read_text(encoding="utf-8").lower()
AUTHORS = {name for line in re.findall(r"\bauthor\s*=(.*)", REFERENCES) for name in WORD.findall(line)}
# code, formulas, works of others and the docstrings of ntklib
SILENT = 'script, style, pre, code, .math, svg, [lang]:not(html), a[href*="bibliography.html#"], .citation, dl.py'
MEANT = {"coordinate check", "neural network Gaussian process", "lazy training"}  # English names, said to be so
READ = ("title", "aria-label", "alt", "placeholder", "data-bs-title")


def parse(language: str, page: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / PATHS[language] / page).read_text(encoding="utf-8"), "html.parser")


def said(page: BeautifulSoup) -> set[str]:
    """What a reader of a page reads or hears, but for code, formulas, literature and names."""
    for tag in page.select(SILENT):
        tag.decompose()
    texts = [text for text in page.find_all(string=True) if type(text).__name__ == "NavigableString"]
    texts += [tag[name] for tag in page.find_all(True) for name in READ if tag.get(name)]
    return {" ".join(text.split()) for text in texts if WORD.search(text)}


def test_the_editions_have_the_same_pages():
    assert len(PAGES[SOURCE]) > 25
    for language in OTHERS:
        assert PAGES[language] == PAGES[SOURCE]


@pytest.mark.parametrize("language", PATHS)
def test_each_page_says_its_language_and_leads_to_itself_in_the_others(language):
    for name in PAGES[language]:
        page = parse(language, name)
        assert page.html["lang"] == language.replace("_", "-"), name
        here = f"https://site/{PATHS[language]}{name}"
        places = {other.replace("_", "-"): f"https://site/{path}{name}" for other, path in PATHS.items()}
        links = {link["hreflang"]: urljoin(here, link["href"]) for link in page.select('link[rel="alternate"]')}
        assert links == places, name
        (switch,) = page.select("a.btn-language")
        assert urljoin(here, switch["href"]) == places[switch["hreflang"]] != here, name
        assert switch["lang"] == switch["hreflang"], name


@pytest.mark.parametrize("name", ["chapters/offsets.html", "search.html"])
def test_the_switch_leads_there_and_back_by_keyboard(name, page, address):
    watch = checks.Watch(page)
    page.goto(f"{address}/{name}")
    for language in (*OTHERS, SOURCE):
        switch = page.get_by_text(LETTERS[language], exact=True)
        assert switch.bounding_box()["y"] >= 0  # nothing cuts it off
        switch.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/{PATHS[language]}{name}")
        assert page.evaluate("document.documentElement.lang") == language.replace("_", "-")
    assert watch.problems == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language):
    left, known = Counter(), SHARED | AUTHORS
    for name in PAGES[language]:
        both = said(parse(language, name)) & said(parse(SOURCE, name))
        left.update(text for text in both if not set(WORD.findall(text.lower())) <= known and text not in MEANT)
    assert left == {}


def test_the_index_of_a_search_holds_the_pages_of_its_edition_alone():
    for language, path in PATHS.items():
        index = (SITE / path / "searchindex.js").read_text(encoding="utf-8")
        assert '"chapters/offsets"' in index, language
        assert '"pt/' not in index, language
