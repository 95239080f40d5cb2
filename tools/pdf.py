"""Write the book as one PDF into the site, from the pages of the site: python tools/pdf.py _build/html

The pages are put one behind another, so that each number is the site's, and Chromium prints them. Links from one page
to another become links inside the book.
"""

import json
import re
import sys
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from browser import chromium
from bs4 import BeautifulSoup, SoupStrainer, Tag
from offline import PDF
from playwright.sync_api import Page
from pypdf import PdfWriter

ROOT = Path(__file__).parents[1]
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
FRONT = """<p class="imprint">{author}<br>{year}</p>
<nav class="contents"><h2>Contents</h2>{contents}</nav>"""
NEEDED = re.compile("mathjax|print.js", re.IGNORECASE)  # of the scripts of a page


def parts(toc: dict) -> list[tuple[str, list[str]]]:
    """The pages of the book behind its cover, in order, under the captions of its parts."""
    return [(part["caption"], [chapter["file"] for chapter in part["chapters"]]) for part in toc["parts"]]


def read(site: Path, page: str, part: str) -> Tag:
    """Part of a page of the site."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser", parse_only=SoupStrainer(part)).find(part)


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


def merge(site: Path, toc: dict, config: dict) -> str:
    """The book as one page, with a table of contents."""
    pages = {toc["root"], *(page for _, files in parts(toc) for page in files)}
    cover = article(site, toc["root"], pages)
    articles, contents, styles = [cover], [], [(ROOT / "tools" / "pdf.css").read_text(encoding="utf-8")]
    for caption, files in parts(toc):
        contents.append(f"<p>{escape(caption)}</p><ul>")
        for page in files:
            chapter = article(site, page, pages)
            for heading in chapter.select("h1, h2, h3, h4, h5"):
                heading.name = f"h{int(heading.name[1]) + 1}"  # below the part's
            title = chapter.h2.get_text()
            contents.append(f'<li><a href="#{page}">{escape(title)}</a></li>')
            chapter["style"] = f"page: p{len(articles)}"
            styles.append(f"@page p{len(articles)} {{ @top-right {{ content: {json.dumps(title)} }} }}")
            if page == files[0]:
                chapter.insert(0, BeautifulSoup(f'<h1 class="part">{escape(caption)}</h1>', "html.parser"))
            articles.append(chapter)
        contents.append("</ul>")
    front = FRONT.format(author=escape(config["author"]), year=config["copyright"], contents="".join(contents))
    cover.section.section.insert_before(BeautifulSoup(front, "html.parser"))
    head = read(site, toc["root"], "head")
    head.title.string = config["title"]
    for script in head.select("script"):
        if not NEEDED.search(str(script)):
            script.decompose()
    return BOOK.format(
        language=config["sphinx"]["config"]["language"],
        head=head.decode_contents(),
        styles="".join(styles),
        articles="".join(map(str, articles)),
    )


def print_book(page: Page, site: Path, html: str, path: Path) -> None:
    """Let a browser print one page that has its pictures, styles and scripts in the site."""
    page.route(f"{ADDRESS}**", lambda route: route.fulfill(path=site / urlsplit(route.request.url).path[1:]))
    page.route(ADDRESS, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(ADDRESS)
    page.evaluate("MathJax.startup.promise")
    page.pdf(path=path, outline=True, tagged=True, print_background=True, prefer_css_page_size=True)


def write(site: Path) -> None:
    """Write the PDF."""
    toc, config = (yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("_toc.yml", "_config.yml"))
    path = site / PDF
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(600_000)
        print_book(page, site, merge(site, toc, config), path)
    book = PdfWriter(path, incremental=True)
    book.add_metadata({"/Author": config["author"]})
    book.page_mode = "/UseOutlines"
    book.write(path)
    print(f"The book is also at file://{path.resolve()}")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
