"""The address of the repository, and the tool that sets it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import repository
import yaml

ROOT = Path(__file__).parents[1]
URL = repository.address()
NAME = URL.rsplit("/", 1)[1]
NEW = "https://github.com/Ada-L/my.course_1"
FILES = ["_config.yml", *repository.COPIES]
ADDRESS = re.compile(r"https?://(?:www\.)?github\.com/([\w-]+)/([\w.-]*[\w-])")
SITE = re.compile(r"https?://([\w-]+)\.github\.io/([\w.-]*[\w-])?")


def tracked_texts():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    for path in sorted(ROOT / name for name in listed if name):
        content = path.read_bytes() if path.is_file() else b"\0"
        if b"\0" not in content:
            yield path, content.decode("utf-8")


def ours(owner, name):
    return owner == "-" or name.lower() in {"ntklib", NAME.lower()}


def test_no_file_disagrees_about_the_address():
    texts = dict(tracked_texts())
    assert {ROOT / name for name in FILES} <= set(texts)
    disagreeing = []
    for path, text in texts.items():
        for found in ADDRESS.finditer(text):
            owner, name = found[1], found[2].removesuffix(".git")
            if ours(owner, name) and f"https://github.com/{owner}/{name}" != URL:
                disagreeing.append(f"{path.relative_to(ROOT)}: {found[0]}")
        for found in SITE.finditer(text):
            if ours(found[1], found[2] or found[1]) and f"{found[0]}/" != repository.site(URL):
                disagreeing.append(f"{path.relative_to(ROOT)}: {found[0]}")
    assert disagreeing == [], f"the address is {URL}: make repository URL=… sets it"


@pytest.mark.parametrize("name", FILES)
def test_the_address_is_where_it_is_looked_for(name):
    assert URL in (ROOT / name).read_text(encoding="utf-8")


def test_programs_find_the_address():
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert urls["Source"] == citation["repository-code"] == URL
    assert urls["Book"] == citation["url"] == repository.site(URL)


def test_the_address_is_legal_or_can_belong_to_nobody():
    if not repository.is_placeholder(URL):
        repository.check(URL)
    else:
        with pytest.raises(ValueError, match="must be https"):
            repository.check(URL)


@pytest.fixture
def copy(tmp_path):
    for name in [*FILES, "tools/repository.py"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def read(root):
    return {name: (root / name).read_text(encoding="utf-8") for name in FILES}


def test_setting_changes_the_address_and_nothing_else(copy):
    before = read(copy)
    assert repository.set_address(copy, NEW) == FILES
    after = read(copy)
    assert repository.address(copy) == NEW
    for name in FILES:
        assert NEW in after[name]
        assert URL not in after[name]
        assert after[name].replace(NEW, URL).replace(repository.site(NEW), repository.site(URL)) == before[name]
    assert repository.set_address(copy, NEW) == []
    assert read(copy) == after


def test_a_second_address_replaces_the_first(copy):
    repository.set_address(copy, NEW)
    expected = read(copy)
    repository.set_address(copy, NEW + "-2")
    repository.set_address(copy, NEW)
    assert read(copy) == expected


def test_a_longer_address_is_another_one(copy):
    (copy / "README.md").write_text(f"{URL} {URL}. {URL}.git {URL}-2 {URL}2")
    repository.set_address(copy, NEW)
    assert (copy / "README.md").read_text() == f"{NEW} {NEW}. {NEW}.git {URL}-2 {URL}2"


def test_nothing_is_written_where_one_copy_is_missing(copy):
    (copy / "pyproject.toml").write_text("")
    before = read(copy)
    with pytest.raises(ValueError, match=r"pyproject\.toml does not hold"):
        repository.set_address(copy, NEW)
    assert read(copy) == before


@pytest.mark.parametrize(
    "url",
    [
        "",
        "github.com/ada/course",
        "http://github.com/ada/course",
        "https://gitlab.com/ada/course",
        "https://github.com.example.org/ada/course",
        "https://github.com/ada",
        "https://github.com/ada/",
        "https://github.com/ada/course/",
        "https://github.com/ada/course.git",
        "https://github.com/ada/course/tree/main",
        "https://github.com/ada/course?tab=readme",
        "https://github.com/-ada/course",
        "https://github.com/ada-/course",
        "https://github.com/ada--l/course",
        "https://github.com/ada_l/course",
        f"https://github.com/{40 * 'a'}/course",
        "https://github.com/ada/..",
        "https://github.com/ada/my course",
        "https://github.com/ada/course\n",
        f"https://github.com/ada/{101 * 'a'}",
        "https://user:secret@github.com/ada/course",
    ],
)
def test_an_address_that_is_none_is_refused(copy, url):
    before = read(copy)
    with pytest.raises(ValueError, match=r"must be https://github\.com/OWNER/NAME"):
        repository.set_address(copy, url)
    assert read(copy) == before


@pytest.mark.parametrize("url", [f"https://github.com/{39 * 'a'}/{100 * 'b'}", "https://github.com/a/.b", NEW])
def test_an_address_that_is_one_is_accepted(url):
    repository.check(url)
    assert not repository.is_placeholder(url)


def test_the_site_follows_from_the_address():
    assert repository.site(NEW) == "https://ada-l.github.io/my.course_1/"
    assert repository.site("https://github.com/Ada/ada.github.io") == "https://ada.github.io/"


def test_the_command(copy):
    def run(*args):
        command = [sys.executable, "tools/repository.py", *args]
        return subprocess.run(command, cwd=copy, capture_output=True, text=True)

    refused = run("https://github.com/ada")
    assert refused.returncode == 1
    assert "must be https://github.com/OWNER/NAME" in refused.stderr
    assert "Traceback" not in refused.stderr
    done = run(NEW)
    assert done.returncode == 0
    assert f"The address is {NEW}, set in _config.yml" in done.stdout
    assert "push" in done.stdout
    assert repository.address(copy) == NEW
    assert f"The address is {NEW} already" in run(NEW).stdout


def site_of(place, url):
    """Build a book of a page, a numbered chapter, a homework and a list; return the HTML of each."""
    (place / "chapters" / "homework").mkdir(parents=True)
    for name in ["chapter", "list", "homework/hw1"]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {name}")])
        nbformat.write(notebook, place / "chapters" / f"{name}.ipynb")
    toctree = "```{{toctree}}\n{}\n{}\n```\n"
    numbered, plain = (
        toctree.format(":numbered:", "chapters/chapter"),
        toctree.format("", "chapters/list\nchapters/homework/hw1"),
    )
    (place / "index.md").write_text(f"# Book\n\n{numbered}\n{plain}")
    options = {"repository_url": url}
    (place / "conf.py").write_text(
        f"extensions = ['myst_nb', 'published']\nhtml_theme = 'sphinx_book_theme'\nhtml_theme_options = {options}\n"
        f"nb_execution_mode = 'off'\nimport sys\nsys.path.append({str(ROOT / 'tools')!r})\n"
    )
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", place, place / "html"], check=True)
    return {path.stem: path.read_text(encoding="utf-8") for path in (place / "html").rglob("*.html")}


def test_chapters_and_homework_open_in_colab_by_one_click(tmp_path):
    pages = site_of(tmp_path, NEW)
    for page, path in [("chapter", "chapters/chapter"), ("hw1", "chapters/homework/hw1")]:
        header = pages[page].split('<div class="article-header-buttons">')[1].split('class="dropdown')[0]
        link = f"https://colab.research.google.com/github/Ada-L/my.course_1/blob/notebooks/{path}.ipynb"
        assert f'href="{link}"' in header  # before, so not in, the first menu
        assert f'<link rel="canonical" href="https://ada-l.github.io/my.course_1/{path}.html"' in pages[page]
    assert "colab.research" not in pages["list"] + pages["index"]


def test_no_page_says_where_a_placeholder_is_published(tmp_path):
    pages = site_of(tmp_path, "https://github.com/-x/course")
    assert {"chapter", "hw1", "list", "index"} <= set(pages)
    assert not [name for name, page in pages.items() if "colab.research" in page or "canonical" in page]
