"""The sources of a translated edition: of whole pages, and of pages that their translation has fallen behind."""

import catalogs
import edition
import nbformat
import pytest
import yaml
from babel.messages.catalog import Catalog
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

LANGUAGE = "pt_BR"
PAGE = "chapters/page"
TEXT = ["# Least squares", "", "A matrix {eq}`eq-a`.", "", "$$ a $$ (eq-a)"]
CODE = 'print("left by {value:.1f}")'


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one page with a catalog of its own; a function that writes its edition."""
    entries = Catalog(locale=LANGUAGE)
    entries.add("Least squares", "Mínimos quadrados")
    entries.add("A matrix {eq}`eq-a`.", "Uma matriz {eq}`eq-a`.")
    entries.add("left by {value:.1f}", "resta {value:.1f}", context="code")
    site = catalogs.catalog(LANGUAGE, "site")
    monkeypatch.setattr(catalogs, "catalog", lambda language, page: entries if page == PAGE else site)
    for module in (catalogs, edition):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "chapters").mkdir()
    out = tmp_path / "out"

    def write(text, code=CODE):
        cells = [new_markdown_cell("\n".join(text), id="text"), new_code_cell(code, id="code")]
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{PAGE}.ipynb")
        edition.write_page(LANGUAGE, PAGE, out)
        return [cell.source for cell in nbformat.read(out / f"{PAGE}.ipynb", as_version=4).cells]

    return entries, write


def test_a_page_is_written_in_the_language_of_its_edition(book):
    _, write = book
    text, code = write(TEXT)
    assert text == "# Mínimos quadrados\n\nUma matriz {eq}`eq-a`.\n\n$$ a $$ (eq-a)"
    assert code == 'print("resta {value:.1f}")'


def test_a_page_that_has_changed_since_says_so_below_its_title(book):
    _, write = book
    text, _ = write([*TEXT, "", "A new sentence."], 'print("a new line")')
    title, _, *note = text.split("\n")[:5]
    assert title == "# Mínimos quadrados"
    assert note == [":::{admonition} Atrás da edição em inglês", ":class: warning", note[2]]
    assert note[2].endswith("estão aqui em inglês: 2 ao todo.")
    assert "A new sentence." in text


def test_a_fuzzy_translation_is_not_used(book):
    entries, write = book
    entries["A matrix {eq}`eq-a`."].flags.add("fuzzy")
    text, _ = write(TEXT)
    assert "A matrix {eq}`eq-a`." in text
    assert "estão aqui em inglês: 1 ao todo." in text


def test_a_notebook_runs_again_only_where_its_code_has_changed(tmp_path, monkeypatch):
    runs = []

    def execute(path):
        notebook = nbformat.read(path, as_version=4)
        runs.append(notebook.cells[0].source)
        notebook.cells[0].execution_count = len(runs)
        nbformat.write(notebook, path)

    monkeypatch.setattr(edition.execute, "execute", execute)
    for text, code in (("one", "1"), ("two", "1"), ("two", "2"), ("two", "1")):
        cells = [new_code_cell(code, id="code"), new_markdown_cell(text, id="text")]
        nbformat.write(new_notebook(cells=cells), tmp_path / "page.ipynb")
        edition.run(tmp_path / "page.ipynb", tmp_path)
        cells = nbformat.read(tmp_path / "page.ipynb", as_version=4).cells
        assert cells[0].execution_count == len(runs)
        assert cells[1].source == text
    assert runs == ["1", "2", "1"]


def test_the_configuration_is_that_of_the_book_in_another_language(tmp_path):
    edition.configure(LANGUAGE, tmp_path)
    english, config = (
        yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8")) for root in (catalogs.ROOT, tmp_path)
    )
    assert config["title"] == "Linearização de redes neurais na inicialização"
    assert config["author"] == "autores da ntklib"
    changed = {
        key for key, value in config["sphinx"]["config"].items() if english["sphinx"]["config"].get(key) != value
    }
    assert changed == {"language", "locale_dirs", "nb_code_prompt_show", "nb_code_prompt_hide", "numfig_format"}
    translated = ("title", "author", "sphinx")
    assert {key: value for key, value in config.items() if key not in translated} == {
        key: value for key, value in english.items() if key not in translated
    }
    toc = yaml.safe_load((tmp_path / "_toc.yml").read_text(encoding="utf-8"))
    assert "Mínimos quadrados" in [part["caption"] for part in toc["parts"]]
