"""Write each edition as one PDF into the site, from the pages of the site: python tools/pdf.py _build/html

The pages are put one behind another, so that each number is the site's, and Chromium prints them. Links from one page
to another become links inside the book.
"""

import json
import re
import sys
from collections.abc import Iterator
from copy import copy
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import yaml
from browser import chromium
from bs4 import BeautifulSoup, SoupStrainer, Tag
from catalogs import Translator
from docutils.utils.math.latex2mathml import tex2mathml
from editions import PATHS, ROOT, sources
from findable import formula
from offline import PDF
from playwright.sync_api import Browser, Page
from pypdf import PageObject, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, PdfObject, TextStringObject

ADDRESS = "http://book/"  # which exists in the browser only
BOOK = """<!DOCTYPE html>
<html lang="{language}">
<head>
{head}
<script>Object.assign(MathJax.options, {{ enableAssistiveMml: false, enableMenu: false }})</script>
<style>{styles}</style>
</head>
<body><main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{articles}
</div></div></main></body>
</html>"""
FONT = {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}  # which each program that shows a PDF has
FRONT = """<p class="imprint">{author}<br>{year}</p>
<nav class="of-the-book"><h2>{title}</h2>{contents}</nav>"""
NEEDED = re.compile("mathjax|print.js", re.IGNORECASE)  # of the scripts of a page
# code keeps the colours of keywords, strings and comments: each piece of text is a tag in the PDF, 130 bytes of it
PLAIN = re.compile('<span class="(?:m[fi]|nn?|[opw])">([^<]*)</span>')


def parts(toc: dict) -> list[tuple[str, list[str]]]:
    """The pages of the book behind its cover, in order, under the captions of its parts."""
    return [(part["caption"], [chapter["file"] for chapter in part["chapters"]]) for part in toc["parts"]]


def read(site: Path, page: str, part: str) -> Tag:
    """Part of a page of the site."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    return BeautifulSoup(PLAIN.sub(r"\1", text), "html.parser", parse_only=SoupStrainer(part)).find(part)


def article(site: Path, page: str, pages: set[str]) -> Tag:
    """What a page of the site says, with names that are its own in the whole book and links that hold there."""
    content = read(site, page, "article")
    content["id"] = page
    for element in content.select("script, .headerlink"):
        element.decompose()
    for element in content.select("[id]"):
        if not element.find_parent("svg"):  # whose parts refer to one another
            element["id"] = f"{page}/{element['id']}"
    for image in content.select("img[loading]"):
        del image["loading"]
    for link in content.select("a[href]"):
        target = urlsplit(urljoin(f"{page}.html", link["href"]))
        name = target.path.removesuffix(".html")
        if name in pages:
            link["href"] = f"#{name}/{target.fragment}".removesuffix("/")
        elif not target.scheme:  # a file of the site
            link.unwrap()
    return content


def words(heading: Tag) -> str:
    """The text of a heading, its formulas in Unicode."""
    heading = copy(heading)
    for math in heading.select(".math"):
        math.string = formula(ElementTree.fromstring(tex2mathml(math.get_text()[2:-2])))
    return heading.get_text()


def merge(site: Path, toc: dict, config: dict) -> tuple[str, list[str]]:
    """The book as one page, with a table of contents; the texts of its headings."""
    pages = {toc["root"], *(page for _caption, files in parts(toc) for page in files)}
    cover = article(site, toc["root"], pages)
    articles, contents, styles = [cover], [], [(ROOT / "tools" / "pdf.css").read_text(encoding="utf-8")]
    for caption, files in parts(toc):
        contents.append(f"<p>{escape(caption)}</p><ul>")
        for page in files:
            chapter = article(site, page, pages)
            for heading in chapter.select("h1, h2, h3, h4, h5"):
                heading.name = f"h{int(heading.name[1]) + 1}"  # below the part's
            title = words(chapter.h2)
            contents.append(f'<li><a href="#{page}">{escape(title)}</a></li>')
            chapter["style"] = f"page: p{len(articles)}"
            styles.append(f"@page p{len(articles)} {{ @top-right {{ content: {json.dumps(title)} }} }}")
            if page == files[0]:
                chapter.insert(0, BeautifulSoup(f'<h1 class="part">{escape(caption)}</h1>', "html.parser"))
            articles.append(chapter)
        contents.append("</ul>")
    language = config["sphinx"]["config"]["language"]
    _ = Translator(language, "site")
    front = FRONT.format(
        author=escape(config["author"]),
        year=config["copyright"],
        title=_("Contents"),
        contents="".join(contents),
    )
    cover.section.section.insert_before(BeautifulSoup(front, "html.parser"))
    head = read(site, toc["root"], "head")
    head.title.string = config["title"]
    for script in head.select("script"):
        if not NEEDED.search(str(script)):
            script.decompose()
    html = BOOK.format(
        language=language.replace("_", "-"),
        head=head.decode_contents(),
        styles="".join(styles),
        articles="".join(map(str, articles)),
    )
    return html, [words(heading) for content in articles for heading in content.select("h1, h2, h3, h4, h5, h6")]


def print_book(page: Page, site: Path, html: str, path: Path) -> None:
    """Let a browser print one page that has its pictures, styles and scripts in the site."""
    page.route(f"{ADDRESS}**", lambda route: route.fulfill(path=site / urlsplit(route.request.url).path[1:]))
    page.route(ADDRESS, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(ADDRESS)
    page.evaluate("MathJax.startup.promise")
    page.pdf(path=path, outline=True, tagged=True, print_background=True, prefer_css_page_size=True)


def finish(path: Path, titles: list[str], author: str) -> None:
    """Add to a printed book what the browser leaves out, or takes from what is seen, where a formula is no text."""
    book = PdfWriter(path, incremental=True)
    book.add_metadata({"/Author": author})
    book.page_mode = "/UseOutlines"
    for item, title in zip(outline(book.root_object["/Outlines"]), titles, strict=True):
        item[NameObject("/Title")] = TextStringObject(title)
    number_contents(book, next(page for page in book.pages if "/Annots" in page))
    book.write(path)


def outline(item: DictionaryObject) -> Iterator[DictionaryObject]:
    """The items of an outline below one of its items, in the order of the book."""
    below = item.get("/First")
    while below:
        yield below.get_object()
        yield from outline(below)
        below = below.get("/Next")


def number_contents(book: PdfWriter, contents: PageObject) -> None:
    """Write beside each title in the table of contents the number of its page."""
    targets, text = book.named_destinations, ["BT /F 9 Tf"]
    for link in map(PdfObject.get_object, contents["/Annots"]):
        number = str(book.get_destination_page_number(targets[link["/Dest"]]) + 1)
        _, bottom, right, _ = link["/Rect"]
        text.append(f"1 0 0 1 {right - 9 * 0.556 * len(number):.2f} {bottom + 4:.2f} Tm ({number}) Tj")
    stream = DecodedStreamObject()
    stream.set_data(" ".join([*text, "ET"]).encode())
    font = DictionaryObject({NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in FONT.items()})
    numbers = PageObject.create_blank_page(book, contents.mediabox.width, contents.mediabox.height)
    numbers[NameObject("/Contents")] = stream
    numbers[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
    )
    contents.merge_page(numbers)


def write(browser: Browser, site: Path, path: Path, root: Path) -> None:
    """Write the PDF of a site that was built from a folder."""
    toc, config = (yaml.safe_load((root / name).read_text(encoding="utf-8")) for name in ("_toc.yml", "_config.yml"))
    html, titles = merge(site, toc, config)
    page = browser.new_page()
    page.set_default_timeout(600_000)
    print_book(page, site, html, path)
    page.close()
    finish(path, titles, config["author"])


def main(site: Path) -> None:
    """Put the PDFs into the site."""
    with chromium() as browser:
        for language, folder in PATHS.items():
            path = site / folder / PDF
            write(browser, site / folder, path, sources(language))
            print(f"The book is also at file://{path.resolve()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
