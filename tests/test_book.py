"""What must hold of the chapters as they are stored; nbval re-runs them."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

from ntklib import ledger
from ntklib.results import results

ROOT = Path(__file__).parents[1]
CHAPTERS = ROOT / "chapters"
NOTEBOOKS = sorted(CHAPTERS.glob("*.ipynb"))
PAGES = sorted(CHAPTERS.glob("*.md"))
LISTS = {"ledger", "map", "results"}  # notebooks that list what the chapters hold

each_chapter = pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path.stem not in LISTS], ids=lambda path: path.stem
)
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def prose(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_every_labelled_equation_is_a_definition_or_verified():
    assert len(ledger.equations(NOTEBOOKS)) > 50
    assert ledger.problems(NOTEBOOKS) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_equations_are_labelled_in_notebooks_only(path):
    assert not re.search(r"\$\$\s*\(eq-", prose(path))


def test_docstrings_cite_equations_that_exist():
    labels = {equation.label for equation in ledger.equations(NOTEBOOKS)}
    modules = (ROOT / "ntklib").glob("*.py")
    cited = {label for path in modules for label in re.findall(r"``(eq-[a-z-]+)``", path.read_text(encoding="utf-8"))}
    assert len(cited) > 5
    assert cited <= labels


@each_notebook
def test_executed_in_order_from_a_fresh_kernel(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_nothing_on_stderr_and_no_error(path):
    outputs = [output for cell in code_cells(path) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


@each_notebook
def test_metadata_says_nothing_about_one_machine_or_run(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"mystnb", "tags"}


@each_notebook
def test_every_figure_has_a_caption_a_name_and_alt_text(path):
    for cell in code_cells(path):
        shown = [
            kind for output in cell.outputs for kind in output.get("data", {}) if kind in ("image/png", "text/html")
        ]
        described = cell.metadata.get("mystnb", {})
        assert bool(shown) == ("figure" in described), cell.source
        if shown:
            assert described["figure"]["name"].startswith("fig-")
            assert len(described["figure"]["caption"]) > 40
            assert "text/html" in shown or len(described["image"]["alt"]) > 40


def moving_pictures(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            if "text/html" in output.get("data", {}):
                yield cell, output.data["text/html"]


@each_notebook
def test_moving_pictures_are_light_and_described(path):
    for cell, html in moving_pictures(path):
        assert len(html.encode()) <= 300_000
        assert len(re.search(r'aria-label="([^"]*)"', html)[1]) > 40
        # the picture differs in the last digits between machines; so nothing else may be in this cell
        assert cell.metadata.tags == ["hide-input", "nbval-ignore-output"]
        assert [output.output_type for output in cell.outputs] == ["execute_result"]


def test_the_reader_moves_a_picture_in_many_chapters():
    assert len([path for path in NOTEBOOKS if any(moving_pictures(path))]) >= 6


UNQUESTIONED = {"The idea in one picture", "Summary", "Exercises", "What to read next"}
ANSWER = re.compile(r"^:::\{dropdown\} ([^\n]+)\n(.+?)\n:::$", re.MULTILINE | re.DOTALL)


def sections(path):
    for section in re.split(r"^## ", prose(path), flags=re.MULTILINE)[1:]:
        title, text = section.split("\n", 1)
        yield title, text


def questions(section):
    """Each question of a section with its answers: their titles and explanations."""
    for quiz in re.findall(r"^::::\{admonition\} Check yourself\n:class: quiz\n(.*?)\n::::$", section, re.M | re.S):
        asked, answers, end = "", [], 0
        for answer in ANSWER.finditer(quiz):
            if between := quiz[end : answer.start()].strip():
                if asked:
                    yield asked, answers
                asked, answers = between, []
            answers.append(answer.groups())
            end = answer.end()
        assert not quiz[end:].strip()
        yield asked, answers


@each_chapter
def test_a_section_with_mathematics_ends_with_questions(path):
    for title, text in sections(path):
        if title not in UNQUESTIONED and re.search(r"\(eq-|:::\{prf:", text):
            assert list(questions(text)), title
            assert text.rstrip().endswith(":::\n::::"), title


@each_chapter
def test_each_question_has_one_right_answer_and_a_reason_for_each(path):
    asked = [question for _, text in sections(path) for question in questions(text)]
    assert prose(path).count("{dropdown}") == sum(len(answers) for _, answers in asked)
    places = set()
    for question, answers in asked:
        titles, reasons = zip(*answers, strict=True)
        right = [place for place, reason in enumerate(reasons) if reason.startswith("**Right.** ")]
        assert len(right) == 1, question
        assert len(set(titles)) == len(titles) >= 2, question
        assert all(len(reason) > 30 and reason.startswith(("**Right.** ", "**No.** ")) for reason in reasons), question
        places.update(right)
    assert len(asked) >= 8
    assert len(places) > 1  # the right one does not always stand first


@each_notebook
def test_every_exercise_has_a_folded_solution(path):
    text = prose(path)
    exercises = re.findall(r":::\{exercise\}.*\n:label: (\S+)", text)
    solutions = re.findall(r":::\{solution-start\} (\S+)\n:label: \S+\n:class: dropdown", text)
    assert exercises == solutions
    assert text.count("{solution-end}") == len(solutions)
    assert path.stem in LISTS or 3 <= len(exercises) <= 6


@each_chapter
def test_the_first_figure_shows_the_idea(path):
    first = next(cell.metadata for cell in code_cells(path) if "mystnb" in cell.metadata)
    assert first["mystnb"]["figure"]["name"] == f"fig-{path.stem}-idea"
    assert first["tags"] == ["hide-input"]  # the picture before its code


def test_every_term_of_the_glossary_is_linked():
    glossary = prose(CHAPTERS / "glossary.md").split("{glossary}")[1]
    terms = re.findall(r"^(\S.*)\n  \S", glossary, re.MULTILINE)
    links = {
        re.sub(r".*<(.+)>", r"\1", link) for path in NOTEBOOKS for link in re.findall(r"\{term\}`([^`]+)`", prose(path))
    }
    assert len(terms) > 40
    assert terms == sorted(terms, key=str.casefold)
    assert set(terms) == links


def test_published_results_name_their_sources_and_are_listed():
    found = results(NOTEBOOKS)
    labels = [result.label for result in found]
    assert len(set(labels)) == len(labels) >= 12
    bibliography = (CHAPTERS / "references.bib").read_text(encoding="utf-8")
    assert all(f"{{{result.source.split(', ')[0]},\n" in bibliography for result in found)
    page = "".join(
        output["data"]["text/markdown"]
        for cell in code_cells(CHAPTERS / "results.ipynb")
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    )
    for result in found:
        assert f"**`{result.label}`: {result.verdict}**" in page
        cell = f"cell-{result.chapter}-{result.cell}"
        assert f"{{doc}}`{result.chapter}`, cell {{ref}}`[{result.cell}] <{cell}>`" in page
        texts = [text.replace("|", r"\|") for text in (result.claim, result.theirs, result.ours)]
        assert all(text in page for text in (*texts, *result.checks))


@pytest.mark.parametrize("path", NOTEBOOKS + PAGES, ids=lambda path: path.name)
def test_tex_travels_to_other_readers_of_notebooks(path):
    """No macro of our own, and no label where MyST's {eq} cannot see it."""
    assert not re.search(r"\\(newcommand|def|label|tag)\b", prose(path))


def test_the_table_of_contents_holds_every_page():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    homework = [f"chapters/homework/{path.stem}" for path in CHAPTERS.glob("homework/*.ipynb")]
    assert sorted(listed) == sorted([f"chapters/{path.stem}" for path in NOTEBOOKS + PAGES] + homework)


def test_every_reference_is_cited():
    entries = re.findall(r"^@\w+\{(\w+),", (CHAPTERS / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    cited = {
        key.strip()
        for path in NOTEBOOKS + PAGES
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", prose(path))
        for key in keys.split(",")
    }
    assert len(entries) > 5
    assert set(entries) == cited


def test_the_example_of_the_readme_runs():
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(code, names)
    assert names["closed_form"].shape == names["y"].shape
    assert names["trained"].loss[-1] < names["trained"].loss[0]
