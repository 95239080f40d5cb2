"""What search engines, previews of links and readers who are lost find on a small site."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pictures
import pytest
import yaml
from matplotlib.image import imread

ROOT = Path(__file__).parents[1]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)
PAGES = {
    "index": "# The book\n\nA book about curves and their tangents,\\\nfor all who draw & measure.\n\n"
    "```{toctree}\nchapters/first\nchapters/last\n```\n",
    "chapters/first": "# First\n\n**What you will be able to do**\n\n"
    '- bound $|\\Phi - \\Phi_{\\mathrm{lin}}|$ by $\\lVert w - w_0 \\rVert^2$, and say "why";\n- a second thing.\n\n'
    "![A dot.](dot.png)\n",
    "chapters/last": "# Last\n\n" + 60 * "words " + "\n",
}


class Meta(HTMLParser):
    """The metadata of a page, and where it links to."""

    def __init__(self, text):
        super().__init__()
        self.of, self.hrefs, self.canonical = {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "meta" and "content" in attrs:
            name = attrs.get("name") or attrs.get("property")
            assert name == "viewport" or name not in self.of, f"{name} twice"
            self.of[name] = attrs["content"]
        if tag in ("a", "link", "script", "img"):
            self.hrefs.append(attrs.get("href") or attrs.get("src"))
        if attrs.get("rel") == "canonical":
            self.canonical = attrs["href"]


def build(place, url):
    (place / "chapters").mkdir(parents=True)
    for name, text in PAGES.items():
        (place / f"{name}.md").write_text(text, encoding="utf-8")
    (place / "chapters" / "dot.png").write_bytes(PNG)
    (place / "conf.py").write_text(
        f"import sys\nsys.path.append({str(ROOT / 'tools')!r})\nextensions = ['myst_nb', 'published', 'findable']\n"
        "html_theme, html_title, author, copyright = 'sphinx_book_theme', 'The book', 'Its authors', '2026'\n"
        f"html_logo, html_use_index = {str(ROOT / '_static/logo.svg')!r}, False\n"
        f"html_theme_options = {{'repository_url': {url!r}}}\nmyst_enable_extensions = ['dollarmath']\n"
        "language = 'en'\n"
    )
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", place, place / "html"], check=True)
    return place / "html"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return build(tmp_path_factory.mktemp("published"), "https://github.com/Ada/course")


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory):
    return build(tmp_path_factory.mktemp("unpublished"), "https://github.com/-x/course")


def meta(site, page):
    return Meta((site / f"{page}.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("site", ["published", "unpublished"])
def test_each_page_is_described_and_can_be_cited(site, request):
    site = request.getfixturevalue(site)
    first, last, index = (meta(site, page).of for page in ("chapters/first", "chapters/last", "index"))
    assert first["description"] == "Bound |Φ−Φ_lin| by ‖w−w_0‖^2, and say “why”"
    assert last["description"].startswith("Words words")
    assert last["description"].endswith("words …")
    assert 150 < len(last["description"]) <= 200
    assert index["description"] == "A book about curves and their tangents, for all who draw & measure."
    assert (first["citation_title"], first["citation_inbook_title"]) == ("First", "The book")
    assert (first["citation_author"], first["citation_publication_date"]) == ("Its authors", "2026")
    assert index["citation_title"] == "The book"
    assert "citation_inbook_title" not in index


def test_a_published_page_has_its_address_and_a_preview(published):
    first, last = meta(published, "chapters/first"), meta(published, "chapters/last")
    address = "https://ada.github.io/course/chapters/first.html"
    assert first.canonical == first.of["og:url"] == first.of["citation_public_url"] == address
    assert first.of["og:title"] == "First"
    assert first.of["og:site_name"] == "The book"
    assert first.of["og:description"] == first.of["description"]
    assert first.of["og:image"] == "https://ada.github.io/course/_images/dot.png"
    assert first.of["og:image:alt"] == "A dot."
    assert last.of["og:image"] == "https://ada.github.io/course/_static/cover.png"


def test_the_sitemap_lists_the_pages_that_are_read(published):
    found = [element.text for element in ElementTree.parse(published / "sitemap.xml").iter() if element.text]
    assert sorted(found) == [
        "https://ada.github.io/course/chapters/first.html",
        "https://ada.github.io/course/chapters/last.html",
    ]


def test_who_is_lost_finds_back_from_any_depth(published):
    page = meta(published, "404")
    assert page.canonical is None
    inside = [href for href in page.hrefs if href and not href.startswith(("#", "http"))]
    assert {"/course/search.html", "/course/index.html", "/course/chapters/first.html"} <= set(inside)
    for href in inside:
        assert href.startswith("/course/"), href
        target = re.sub(r"[?#].*", "", href.removeprefix("/course/"))
        assert (published / (target or "index.html")).exists(), href


def test_what_is_not_published_claims_no_address(unpublished):
    assert {path.name for path in unpublished.glob("*.*")} >= {"index.html", "search.html"}
    assert not (unpublished / "sitemap.xml").exists()
    assert not (unpublished / "404.html").exists()
    for path in unpublished.rglob("*.html"):
        page = Meta(path.read_text(encoding="utf-8"))
        assert page.canonical is None
        assert not [name for name in page.of if name and (name.startswith("og:") or name == "citation_public_url")]
        assert "github.io" not in path.read_text(encoding="utf-8")


NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


@pytest.mark.parametrize(("language", "count"), [("en", 5), ("pt_BR", 3)])
def test_the_pictures_are_those_that_their_code_draws(language, count, tmp_path):
    pictures.draw(tmp_path, language)
    drawn = sorted(tmp_path.iterdir())
    assert len(drawn) == count
    for path in drawn:
        stored = pictures.static(language) / path.name
        if path.suffix == ".png":
            assert imread(path).shape == imread(stored).shape
            np.testing.assert_allclose(imread(path).mean((0, 1)), imread(stored).mean((0, 1)), atol=1e-3)
            continue
        ours, theirs = (ElementTree.parse(file).getroot() for file in (path, stored))
        lines = [[element.get("d") for element in root.iter() if element.get("d")] for root in (ours, theirs)]
        numbers = [[float(number) for d in found for number in NUMBER.findall(d)] for found in lines]
        assert len(numbers[0]) > 100
        np.testing.assert_allclose(*numbers, atol=0.1)  # of a point, which nobody sees


def test_the_logo_and_the_icon_of_the_tab_are_ours():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    for name in (config["logo"], config["html"]["favicon"]):
        assert (ROOT / name).is_file()
    assert (config["logo"], config["html"]["favicon"]) == ("_static/logo.svg", "_static/favicon.svg")


def test_the_cover_says_what_the_course_is_and_where_to_begin():
    top, below = (ROOT / "chapters" / "welcome.md").read_text(encoding="utf-8").split("## What this is")
    assert re.findall(r"cover-(light|dark)\.svg\n:class: cover only-\1\n:alt: Left", top) == ["light", "dark"]
    assert re.findall(r"\{grid-item-card\} (.*)", top) == ["A reader", "A student", "An instructor", "A researcher"]
    for card in top.split("{grid-item-card}")[1:]:
        assert re.search(r"\{(ref|doc)\}`", card)
    assert "## The chapters" in below


def test_the_name_of_the_book_stands_beside_its_logo(unpublished):
    page = (unpublished / "chapters" / "first.html").read_text(encoding="utf-8")
    assert '<p class="title logo__title">The book</p>' in page
    assert re.search(r'<img[^>]*logo\.svg[^>]*alt=""', page)  # its name follows
