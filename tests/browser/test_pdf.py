"""The PDF of the book against the pages of the site, and small books with one fault each."""

import re
from dataclasses import dataclass, replace
from unicodedata import normalize  # of letters that a font sets as one
from urllib.parse import urljoin, urlsplit

import pdf
import pytest
import yaml
from bs4 import BeautifulSoup
from editions import PATHS, sources
from pypdf import PdfReader
from pypdfium2 import PdfDocument  # which reads the text of a book in seconds

TEX = re.compile(r"\\[(\[]|\\begin\{")


@dataclass(frozen=True)
class Book:
    """What a PDF should hold, as its site and its configuration say."""

    title: str
    author: str
    language: str
    outline: list  # titles of parts, each followed by the list of those of its chapters
    targets: set  # of the links on its pages to its pages
    numbers: dict  # those of the equations of each page

    @classmethod
    def read(cls, site, toc, config):
        parts = [(part["caption"], [chapter["file"] for chapter in part["chapters"]]) for part in toc["parts"]]
        files = [toc["root"], *(file for _, chapters in parts for file in chapters)]
        pages = {
            file: BeautifulSoup((site / f"{file}.html").read_text(encoding="utf-8"), "html.parser").article
            for file in files
        }
        targets = set(files[1:])  # from the table of contents
        for file, page in pages.items():
            for link in page.select("a[href]:not(.headerlink)"):
                target = urlsplit(urljoin(f"{file}.html", link["href"]))
                name = target.path.removesuffix(".html")
                if not target.scheme and name in pages:
                    targets.add(f"{name}/{target.fragment}" if target.fragment else name)
            for link in page.select(".headerlink"):
                link.decompose()
        titles = {file: page.h1.get_text() for file, page in pages.items()}
        return cls(
            title=config["title"],
            author=config["author"],
            language=config["sphinx"]["config"]["language"].replace("_", "-"),
            outline=[titles[files[0]]]
            + [entry for caption, chapters in parts for entry in (caption, [titles[file] for file in chapters])],
            targets=targets,
            numbers={file: {number.get_text() for number in page.select(".eqno")} for file, page in pages.items()},
        )


def upper(outline):
    """The parts and chapters of an outline, and its cover."""
    cover, _, *parts = outline
    return [cover.title] + [
        [chapter.title for chapter in part if not isinstance(chapter, list)] if isinstance(part, list) else part.title
        for part in parts
    ]


def problems(path, book):
    """What is wrong with a PDF, in words."""
    reader = PdfReader(path)
    root, destinations = reader.root_object, reader.named_destinations
    found = []
    for name, value, expected in (
        ("title", reader.metadata.title, book.title),
        ("author", reader.metadata.author, book.author),
        ("language", root.get("/Lang"), book.language),
        ("tags", root.get("/MarkInfo", {}).get("/Marked"), True),
        ("outline", upper(reader.outline), book.outline),
    ):
        if value != expected:
            found.append(f"{name}: {value} instead of {expected}")

    links = [link.get_object() for page in reader.pages for link in page.get("/Annots", [])]
    targets = {link["/Dest"].removeprefix("/") for link in links if link.get("/Dest") in destinations}
    found += [f"a link that is lost: {target}" for target in book.targets - targets]
    addresses = {link["/A"]["/URI"] for link in links if "/A" in link}
    found += [f"leads out of the book to {address}" for address in addresses if not address.startswith("https://")]

    cover, *pages = book.numbers
    starts = {cover: 0}
    for page in pages:
        if f"/{page}" in destinations:
            starts[page] = reader.get_destination_page_number(destinations[f"/{page}"])
    ends = [*list(starts.values())[1:], len(reader.pages)]
    if len(starts) < len(book.numbers) or any(
        end - start not in range(1, 100) for start, end in zip(starts.values(), ends, strict=True)
    ):
        found.append(f"the pages begin at {starts}")
    # without the spaces and line breaks, which the reader guesses from where the letters stand
    texts = ["".join(sheet.get_textpage().get_text_range().split()) for sheet in PdfDocument(path)]
    for (page, start), end in zip(starts.items(), ends, strict=True):
        text = "\n".join(texts[start:end])
        found += [f"{page}: no equation {number}" for number in book.numbers[page] if number not in text]
        found += [f"{page}: TeX as it was typed: {tex[0]}" for tex in TEX.finditer(text)]
    return found


@pytest.mark.parametrize("language", PATHS)
def test_the_pdf_is_the_book(language, browser, site, tmp_path):
    path, site, root = tmp_path / "book.pdf", site / PATHS[language], sources(language)
    pdf.write(browser, site, path, root)
    toc, config = (yaml.safe_load((root / name).read_text(encoding="utf-8")) for name in ("_toc.yml", "_config.yml"))
    book = Book.read(site, toc, config)
    assert len(book.targets) > 300
    assert problems(path, book) == []


def test_a_page_prints_what_it_folds_and_folds_it_again(browser, address, tmp_path):
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{address}/chapters/offsets.html")
    page.evaluate("""document.querySelector("article").insertAdjacentHTML("beforeend",
        '<div class="quiz"><details><summary>A guess</summary>Its reason</details></div>')""")
    solutions = page.locator("div.solution").count()
    state = """[document.documentElement.dataset.theme, document.querySelectorAll(".quiz details[open]").length,
        document.querySelectorAll(".solution.toggle-hidden").length]"""
    folded = page.evaluate(state)
    assert folded == ["dark", 0, solutions]
    page.evaluate(f"addEventListener('beforeprint', () => (window.printed = {state}))")
    page.pdf(path=tmp_path / "page.pdf")
    assert page.evaluate("printed") == ["light", page.locator(".quiz details").count(), 0]
    assert page.evaluate(state) == folded
    assert page.locator("mjx-container").count() == page.locator(".math").count()
    first, *_, last = (normalize("NFKC", sheet.extract_text()) for sheet in PdfReader(tmp_path / "page.pdf").pages)
    assert first.lstrip().startswith(page.locator("article h1").inner_text().removesuffix("#"))
    assert "Its reason" in last
    page.close()


HEAD = (
    "<head><title>A page</title><script>window.MathJax = "
    "{ options: {}, startup: { promise: new Promise((done) => addEventListener('load', () => "
    "{ document.querySelectorAll('.math').forEach((formula) => (formula.textContent = 'K')); done(); })) } }"
    "</script></head>"
)
SMALL = {
    "cover": '<h1>Curves</h1><p>A cover.</p><section><h2>Begin</h2><a href="one.html">here</a></section>',
    "one": '<h1>1. One</h1><p id="eq"><span class="eqno">(1.1)<a class="headerlink" href="#eq">#</a></span></p>'
    '<a href="more/two.html#eq">Two</a><a href="../source.html">[source]</a><a href="https://example.org">there</a>',
    "more/two": '<h1>2. Two <span class="math">\\(K_n\\)</span></h1><p id="eq"><span class="eqno">(2.1)</span></p>'
    '<a href="../one.html#eq">back</a><a href="#eq">above</a><script>1</script>',
}
TOC = {"root": "cover", "parts": [{"caption": "A part", "chapters": [{"file": "one"}, {"file": "more/two"}]}]}
CONFIG = {"title": "Curves", "author": "Ada", "copyright": "2026", "sphinx": {"config": {"language": "en"}}}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The site of a small book."""
    site = tmp_path_factory.mktemp("site")
    for name, content in SMALL.items():
        path = site / f"{name}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"<html>{HEAD}<body><article><section>{content}</section></article></body></html>", "utf-8")
    return site


@pytest.fixture(scope="module")
def printed(small):
    """The small book as one page, its headings, and what its PDF should hold."""
    html, titles = pdf.merge(small, TOC, CONFIG)
    assert titles == ["Curves", "Contents", "Begin", "A part", "1. One", "2. Two K_n"]
    book = Book.read(small, TOC, CONFIG)
    assert book.targets == {"one", "more/two", "more/two/eq", "one/eq"}
    return html, titles, replace(book, outline=["Curves", "A part", ["1. One", "2. Two K_n"]])


def test_a_small_book(page, small, printed, tmp_path):
    html, titles, book = printed
    path = tmp_path / "small.pdf"
    pdf.print_book(page, small, html, path)
    pdf.finish(path, titles, "Ada")
    assert problems(path, book) == []
    cover, contents = (sheet.extract_text() for sheet in PdfReader(path).pages[:2])
    assert "A cover." in cover
    assert contents.split()[-2:] == ["4", "5"]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("<title>Curves", "<title>Bends", "title: Bends instead of Curves"),
        ('lang="en"', 'lang="de"', "language: de instead of en"),
        ("(2.1)", "(2.2)", "more/two: no equation (2.1)"),
        ("A cover.", "\\(K\\)", "cover: TeX as it was typed: \\("),
        ("https://example.org", "http://localhost:8000/", "leads out of the book to http://localhost:8000/"),
        ("https://example.org", "/source.html", "leads out of the book to http://book/source.html"),
        ("https://example.org", "file:///etc/hosts", "leads out of the book to file:///etc/hosts"),
        ('href="#more/two/eq"', 'href="#more/two"', "a link that is lost: more/two/eq"),
        ('<p id="one/eq">', "<p>", "a link that is lost: one/eq"),
        ('<article id="more/two"', "<article", "the pages begin at"),
    ],
)
def test_a_fault_is_found(old, new, found, page, small, printed, tmp_path):
    html, titles, book = printed
    assert old in html
    path = tmp_path / "broken.pdf"
    pdf.print_book(page, small, html.replace(old, new), path)
    pdf.finish(path, titles, "Ada")
    assert any(problem.startswith(found) for problem in problems(path, book))
