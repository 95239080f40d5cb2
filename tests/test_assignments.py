"""The homework: student versions in step with their masters, and what the grader says of right and wrong answers."""

import importlib
import os

import nbformat
import pytest
from assign import MASTERS, PUBLIC_TESTS, SEED_NAME, STUDENT, assign, write
from grade import Limits, grade_folder, questions
from sandbox import available

SEED = 20_071_031
# looks for the seed in every file that it can read
SPY = """
import os, sys
def spy(top, seed):
    skipped = (sys.prefix, sys.base_prefix, "/usr", "/sys")  # what is installed cannot know the seed
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in skipped and name != 'fd']
        for path in filter(os.path.isfile, (os.path.join(folder, name) for name in names)):
            try:
                with open(path, "rb") as file:
                    if seed in file.read(1 << 20):
                        yield path
            except OSError:
                pass
"""
# a cell that a submission holds beside right answers, for whatever reason
HOSTILE = {
    "syntax error": "def f(:",
    "endless loop": "while True: pass",
    "memory": "hoard = [bytearray(1 << 28) for _ in range(1000)]",
    "deletes files": "import shutil; shutil.rmtree('/', ignore_errors=True)",
    "spy": f"{SPY}\nfound = list(spy('/', str({SEED - 1} + 1).encode()))\nassert not found, found",
}
needs_sandbox = pytest.mark.skipif(
    available() is not None and "CI" not in os.environ, reason=f"submissions cannot be isolated: {available()}"
)
each_master = pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@each_master
def test_the_student_version_is_in_step_with_its_master(master, tmp_path):
    write([master], tmp_path / "student", tmp_path / "tests", None, SEED)
    assert (STUDENT / master.name).read_bytes() == (tmp_path / "student" / master.name).read_bytes(), "make homework"
    kept = {path: data for path, data in files(PUBLIC_TESTS / master.stem).items() if "__pycache__" not in path.parts}
    assert kept == files(tmp_path / "tests" / master.stem), "make homework"


@each_master
def test_nothing_secret_reaches_the_student(master):
    for path in [STUDENT / master.name, *(PUBLIC_TESTS / master.stem).glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "SOLUTION" not in text
        assert "hidden=True" not in text
        assert SEED_NAME not in text
        assert str(SEED) not in text


@each_master
def test_an_assignment_has_coded_and_written_questions(master):
    asked = questions(master)
    assert len({question.name for question in asked}) == len(asked) >= 5
    assert all(question.heading.startswith("## Question ") for question in asked)
    written = [question for question in asked if question.manual]
    assert 1 <= len(written) < len(asked)
    assert all(question.points > 0 and "**Rubric.**" in question.rubric for question in written)


def points(rows, name):
    return {row["question"]: row["points"] for row in rows if row["submission"] == name and row["possible"]}


def feedback(rows, name, question):
    return "".join(row["feedback"] for row in rows if (row["submission"], row["question"]) == (name, question))


@needs_sandbox
def test_a_hostile_cell_changes_nothing(tmp_path):
    """Beside right answers it costs no points, it reads no secret, and it leaves every file as it was."""
    master, submissions = MASTERS[0], tmp_path / "submissions"
    submissions.mkdir()
    assign(master, tmp_path / "assigned", SEED)
    solution = nbformat.read(tmp_path / "assigned" / "autograder" / master.name, as_version=4)
    nbformat.write(solution, submissions / "master.ipynb")
    for name, source in HOSTILE.items():
        notebook = nbformat.from_dict(solution)
        notebook.cells.insert(2, nbformat.v4.new_code_cell(source))
        nbformat.write(notebook, submissions / f"{name}.ipynb")
    before = files(tmp_path)
    names = {}
    exec(SPY, names)
    assert list(names["spy"](tmp_path, str(SEED).encode()))  # outside, it finds the hidden tests

    rows = grade_folder(master.stem, submissions, tmp_path / "out", Limits(cell_seconds=45), 1, SEED)

    assert {path: data for path, data in files(tmp_path).items() if path.parts[0] != "out"} == before
    for name in HOSTILE:
        assert points(rows, name) == points(rows, "master"), [row for row in rows if row["submission"] == name]
    assert "SyntaxError" in feedback(rows, "syntax error", "notebook")
    assert "stopped after 45 s" in feedback(rows, "endless loop", "notebook")
    assert "MemoryError" in feedback(rows, "memory", "notebook")
    assert feedback(rows, "spy", "notebook") == ""


def apart(mistakes):
    """The mistakes in groups, each as early as it can be, so that those of a group are in different questions."""
    groups = []
    for mistake in mistakes:
        for group in groups:
            if not any(mistake.loses.keys() & other.loses.keys() for other in group):
                group.append(mistake)
                break
        else:
            groups.append([mistake])
    return groups


@needs_sandbox
@each_master
def test_each_answer_gets_what_it_should(master, tmp_path):
    """The master all points, the empty version none, and each mistake loses what it must and hears why."""
    mistakes = importlib.import_module(f"mistakes.{master.stem}").MISTAKES
    assert len(mistakes) >= 6
    submissions = tmp_path / "submissions"
    submissions.mkdir()
    assign(master, tmp_path / "assigned", SEED)
    solution = (tmp_path / "assigned" / "autograder" / master.name).read_text(encoding="utf-8")
    (submissions / "master.ipynb").write_text(solution, encoding="utf-8")
    (submissions / "empty.ipynb").write_bytes((STUDENT / master.name).read_bytes())
    groups = apart(mistakes)
    for number, group in enumerate(groups):
        notebook = nbformat.reads(solution, as_version=4)
        for mistake in group:
            places = [cell for cell in notebook.cells if cell.cell_type == "code" and mistake.right in cell.source]
            assert len(places) == 1, f"{mistake.name}: expected one cell with {mistake.right!r}, got {len(places)}"
            assert places[0].source.count(mistake.right) == 1, mistake.name
            places[0].source = places[0].source.replace(mistake.right, mistake.wrong)
        nbformat.write(notebook, submissions / f"wrong{number}.ipynb")

    rows = grade_folder(master.stem, submissions, tmp_path / "out", Limits(), 1, SEED)

    possible = {row["question"]: row["possible"] for row in rows if row["submission"] == "master"}
    assert points(rows, "master") == possible
    assert set(points(rows, "empty").values()) == {0}
    assert feedback(rows, "empty", "notebook") == ""
    for number, group in enumerate(groups):
        name, names = f"wrong{number}", [mistake.name for mistake in group]
        got = points(rows, name)
        lost = {question: possible[question] - got[question] for question in got if got[question] != possible[question]}
        expected = {question: cost for mistake in group for question, cost in mistake.loses.items()}
        assert lost == expected, (names, [row for row in rows if row["submission"] == name])
        for mistake in group:
            heard = "".join(feedback(rows, name, question) for question in mistake.loses)
            assert mistake.says in heard, (mistake.name, heard)
