"""Grade a folder of notebooks: python tools/grade.py hw1 submissions/, see --help.

Each submission runs in a sandbox (tools/sandbox.py) while its tests stay here; otter-grader reads and runs the tests.
Writes grades.csv, and written.html: the questions that a person grades, answer by answer, below their rubric.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import re
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import bleach
import jax
import nbformat
import yaml
from assign import MASTERS, ROOT, assign, secret_seed
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook
from otter.test_files import ExceptionTestFile
from sandbox import Limits, Raised, Sandbox, Stopped, available

FIELDS = ["submission", "student", "question", "points", "possible", "feedback"]
# what an answer may show to the person who grades it: nothing that runs
SHOWN = {"text/plain", "image/png"}
MARKDOWN_TAGS = {
    *("br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "span"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}


@dataclass(frozen=True)
class Question:
    """A question of a master.

    Attributes:
        name: Its name, ``"q1"``.
        heading: The first line of its text.
        points: What a person can give; tests carry their own points.
        manual: Whether a person grades it.
        rubric: The written solution with its rubric, Markdown.
    """

    name: str
    heading: str
    points: float
    manual: bool
    rubric: str


@dataclass
class Graded:
    """What came of one submission: rows of the table, and its notebook as it ran."""

    rows: list[dict[str, object]]
    notebook: nbformat.NotebookNode | None


def questions(master: Path) -> list[Question]:
    """The questions of a master, in order."""
    found, inside = [], None
    for cell in nbformat.read(master, as_version=4).cells:
        if cell.cell_type == "raw" and cell.source.startswith("# BEGIN QUESTION"):
            inside, texts, solutions, in_solution = yaml.safe_load(cell.source), [], [], False
        elif inside is not None and cell.cell_type == "raw":
            in_solution = cell.source.startswith("# BEGIN SOLUTION")
            if cell.source.startswith("# END QUESTION"):
                heading = texts[0].splitlines()[0]
                points, manual = inside.get("points") or 0, inside.get("manual", False)
                found.append(Question(inside["name"], heading, points, manual, "\n\n".join(solutions)))
                inside = None
        elif inside is not None and cell.cell_type == "markdown":
            (solutions if in_solution else texts).append(cell.source)
    return found


def grade(path: Path, tests: Path, asked: list[Question], limits: Limits) -> Graded:
    """Grade one submission; whatever it is or does, rows of the table come of it."""
    jax.config.update("jax_enable_x64", True)
    files = [
        ExceptionTestFile.from_file(str(tests / f"{question.name}.py")) for question in asked if not question.manual
    ]
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        rows = _run(notebook, files, limits)
    except Exception as error:
        feedback = f"could not be graded: {type(error).__name__}: {error}"[:300]
        notebook = None
        rows = [_row(file.name, 0, file.possible, feedback) for file in files]
    return Graded([{"submission": _plain(path.stem), "student": ""} | row for row in rows], notebook)


def _run(notebook: nbformat.NotebookNode, files: list[ExceptionTestFile], limits: Limits) -> list[dict[str, object]]:
    """Run a notebook in a sandbox and its tests against it, from outside."""
    rows = []
    with Sandbox(limits) as sandbox:
        problems = sandbox.run(notebook)
        student = ""
        try:
            student = _plain(str(sandbox.get("student_id")))
        except (Stopped, Raised, AssertionError) as error:
            problems.append(str(error))
        for file in files:
            file.run(sandbox)
            feedback = "\n".join(_feedback(result) for result in file.test_case_results if not result.passed)
            rows.append(_row(file.name, file.score, file.possible, feedback))
    if problems:
        rows.append(_row("notebook", 0, 0, "\n".join(problems)))
    return [row | {"student": student} for row in rows]


def _row(question: str, points: float, possible: float, feedback: str) -> dict[str, object]:
    return {"question": question, "points": points, "possible": possible, "feedback": feedback}


def _plain(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return text if re.fullmatch(r"[\w.@ -]{0,100}", text) and text[:1] not in "=+-@" else repr(text)[:100]


def _feedback(result) -> str:
    """What a failed test says, without otter's line of the test's source."""
    kind, message = re.split(r"\n(\w+): ", result.message, maxsplit=1)[1:]
    return message if kind in ("AssertionError", "Raised", "Stopped") else f"the test raised {kind}: {message}"


def written_page(asked: list[Question], graded: dict[str, Graded]) -> str:
    """One page of HTML with each manual question, its rubric, and every answer to it; nothing on it can run."""
    headings = [question.heading for question in asked]
    cells = []
    for question in (question for question in asked if question.manual):
        cells.append(new_markdown_cell(f"{question.heading} ({question.points} points)\n\n{question.rubric}"))
        for name, result in graded.items():
            cells.append(new_markdown_cell(f"### {question.name}: {name}"))
            answer = _section(result.notebook, question.heading, headings)
            cells.extend(answer or [new_markdown_cell("The question was not found: open the notebook itself.")])
    exporter = HTMLExporter(template_name="basic", sanitize_html=True)
    exporter.register_filter("clean_html", _clean)  # nbconvert's own leaves no paragraph and no heading
    page, _ = exporter.from_notebook_node(new_notebook(cells=cells))
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    style = "<style>body {max-width: 60em; margin: auto; font-family: sans-serif} img {max-width: 100%}</style>"
    return f"<!doctype html><html><head>{head}<title>Written answers</title>{style}</head><body>{page}</body></html>"


def _clean(html: object) -> str:
    attributes = {"*": ["class", "id"], "a": ["href"]}
    return bleach.clean(str(html), tags=MARKDOWN_TAGS | bleach.ALLOWED_TAGS, attributes=attributes)


def _section(notebook: nbformat.NotebookNode | None, heading: str, headings: list[str]) -> list[nbformat.NotebookNode]:
    """The cells that follow a question's text, up to the next question, with outputs that only show."""
    cells, inside = [], False
    for cell in notebook.cells if notebook is not None else []:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        if any(line in headings for line in lines):
            inside = heading in lines
        elif inside and cell.source.strip():
            cells.append(cell)
            for output in cell.get("outputs", []):
                if "data" in output:
                    output.data = {kind: data for kind, data in output.data.items() if kind in SHOWN}
    return cells


def grade_folder(
    hw: str, submissions: Path, out: Path, limits: Limits, jobs: int, seed: int
) -> list[dict[str, object]]:
    """Grade every notebook in a folder; write out/grades.csv and out/written.html; return the table's rows."""
    master = ROOT / "homework" / hw / f"{hw}.ipynb"
    if not master.exists():
        known = ", ".join(path.stem for path in MASTERS)
        raise ValueError(f"hw: expected one of {known}, got {hw!r}")
    paths = sorted(submissions.glob("*.ipynb"))
    if not paths:
        raise ValueError(f"submissions: expected a folder with notebooks, got {submissions}")
    reason = available()
    if reason is not None:
        raise RuntimeError(
            f"submissions cannot be isolated: {reason}; grade in a container, see the page for instructors"
        )
    asked = questions(master)
    with tempfile.TemporaryDirectory() as folder:
        assign(master, Path(folder), seed)
        one = partial(grade, tests=Path(folder, "autograder", "tests"), asked=asked, limits=limits)
        # fresh processes: JAX's threads do not survive a fork
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
            graded = dict(zip((path.stem for path in paths), pool.map(one, paths), strict=True))
    rows = [row for result in graded.values() for row in result.rows]
    out.mkdir(parents=True, exist_ok=True)
    with (out / "grades.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    (out / "written.html").write_text(written_page(asked, graded), encoding="utf-8")
    return rows


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hw", help="the assignment, hw1")
    parser.add_argument("submissions", type=Path, help="a folder of notebooks, one a student")
    parser.add_argument("--out", type=Path, help="where the results go; default grades/<hw>")
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="for a whole notebook")
    parser.add_argument("--cell-seconds", type=float, default=Limits.cell_seconds, help="for a cell, or a test's call")
    parser.add_argument("--memory", type=float, default=Limits.memory / 2**30, help="GiB that a process may allocate")
    options = parser.parse_args()
    out = options.out or Path("grades", options.hw)
    limits = Limits(options.seconds, options.cell_seconds, int(options.memory * 2**30))
    try:
        rows = grade_folder(options.hw, options.submissions, out, limits, options.jobs, secret_seed())
    except (ValueError, RuntimeError) as error:
        sys.exit(f"{parser.prog}: {error}")
    totals: dict[object, list[float]] = {}
    for row in rows:
        total = totals.setdefault(row["submission"], [0.0, 0.0])
        total[0], total[1] = total[0] + float(row["points"]), total[1] + float(row["possible"])
    for name, (points, possible) in totals.items():
        print(f"{name}: {points:g} of {possible:g}")
    print(f"{out / 'grades.csv'}: points and feedback; {out / 'written.html'}: the written answers and their rubric")


if __name__ == "__main__":
    main()
