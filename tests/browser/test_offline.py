"""The zip of the site opens from disk, and asks for nothing that is not in it."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import checks
import offline
import pytest
from editions import PATHS

SITE = Path(__file__).parents[2] / "_build" / "html"
PAGES = checks.pages(SITE)


@pytest.fixture(scope="session")
def unpacked(site, tmp_path_factory):
    """The site, packed and unpacked elsewhere."""
    copy = tmp_path_factory.mktemp("site") / "html"
    shutil.copytree(site, copy, copy_function=shutil.copy)
    offline.write(copy)
    folder = tmp_path_factory.mktemp("disk")
    with ZipFile(copy / offline.ARCHIVE) as archive:
        archive.extractall(folder)
    shutil.rmtree(copy)
    return folder / offline.NAME


@pytest.fixture
def outside(page, unpacked):
    """What a page asked for outside of the unpacked site."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    return lambda: [url for url in asked if not url.startswith((f"{unpacked.as_uri()}/", "data:"))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_disk(name, page, unpacked, outside):
    watch = checks.Watch(page)
    page.goto((unpacked / name).as_uri())
    checks.settled(page)
    fonts = page.evaluate("document.fonts.ready.then((all) => [...all].map(({ family, status }) => [family, status]))")
    assert watch.problems + checks.mathematics(page) + outside() == []
    assert not [font for font in fonts if font[1] in ("error", "loading")]
    has_formulas = page.locator("mjx-container").count() > 0
    assert any(family.strip('"').startswith("MJX") and status == "loaded" for family, status in fonts) == has_formulas


def test_the_pages_were_there():
    assert len(PAGES) > 50


@pytest.mark.parametrize(("edition", "words"), [("", "tangent kernel"), ("pt", "kernel tangente")])
def test_the_search_works_from_disk(edition, words, page, unpacked, outside):
    watch = checks.Watch(page)
    found = checks.results(page, (unpacked / edition).as_uri(), words)
    assert any(link.startswith("chapters/tangent-kernel.html") for link in found)
    page.locator("#search-results a", has_text=words).first.click()
    assert Path(urlsplit(page.url).path).parts[-2:] == ("chapters", "tangent-kernel.html")
    checks.settled(page)
    assert watch.problems + outside() == []


def test_the_colours_change_and_are_kept_from_page_to_page(page, unpacked):
    def colours():
        return tuple(page.evaluate("[document.documentElement.dataset.mode, document.documentElement.dataset.theme]"))

    page.goto((unpacked / "index.html").as_uri())
    page.wait_for_url("**/welcome.html")
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        seen.add(chosen := colours())
        page.goto((unpacked / "chapters" / "notation.html").as_uri())
        assert colours() == chosen
    assert {mode for mode, _ in seen} == {"light", "dark", "auto"}
    assert {theme for _, theme in seen} == {"light", "dark"}


def test_no_link_in_the_zip_is_broken(unpacked):
    assert list(checks.broken_links(unpacked)) == []


@pytest.fixture
def small(tmp_path):
    """A site with a welcome page in each edition."""
    for path in PATHS.values():
        (tmp_path / path / "chapters").mkdir(parents=True)
        (tmp_path / path / "chapters" / "welcome.html").write_text(f"<p>Hi</p>\n{offline.EMPTY}\n<p>Bye</p>", "utf-8")
    (tmp_path / "b.html").write_text("b", encoding="utf-8")
    (tmp_path / "a.html").write_text("a", encoding="utf-8")
    return tmp_path


def test_the_same_site_gives_the_same_zip(small):
    offline.write(small)
    first = (small / offline.ARCHIVE).read_bytes()
    (small / "a.html").unlink()
    (small / "a.html").write_text("a", encoding="utf-8")
    for path in PATHS.values():
        (small / path / offline.PDF).write_bytes(b"%PDF")
    offline.write(small)
    assert (small / offline.ARCHIVE).read_bytes() == first
    names = ("a.html", "b.html", "chapters/welcome.html", "pt/chapters/welcome.html")
    with ZipFile(small / offline.ARCHIVE) as archive:
        assert archive.namelist() == [f"ntklib-book/{name}" for name in names]
        assert archive.read("ntklib-book/chapters/welcome.html").decode().splitlines()[1] == offline.EMPTY


@pytest.mark.parametrize(
    ("edition", "pdf", "archive"),
    [
        ("", '../ntklib-book.pdf">as a PDF</a> (3 MB)', '../ntklib-book.zip">this site as a zip</a>'),
        ("pt", '../ntklib-book.pdf">em PDF</a> (3 MB)', '../../ntklib-book.zip">este site em um zip</a>'),
    ],
)
def test_the_welcome_page_links_to_what_is_there(edition, pdf, archive, small):
    offline.write(small)
    page = (small / edition / "chapters" / "welcome.html").read_text(encoding="utf-8")
    assert f'<a href="{archive}' in page
    assert offline.PDF not in page
    (small / edition / offline.PDF).write_bytes(bytes(3_400_000))
    offline.write(small)
    page = (small / edition / "chapters" / "welcome.html").read_text(encoding="utf-8")
    assert f'<a href="{pdf}' in page
    assert page.count(archive) == page.count(offline.ARCHIVE) == 1
    assert list(checks.broken_links(small)) == []


def test_a_welcome_page_without_a_place_for_the_links_is_refused(small):
    (small / "chapters" / "welcome.html").write_text("<p>Hi</p>", encoding="utf-8")
    with pytest.raises(ValueError, match="0 places"):
        offline.write(small)
