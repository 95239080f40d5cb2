"""Write what comes out of the homework masters: python tools/assign.py [hw1 …].

For each master in homework/: the student's notebook (chapters/homework/), its public tests (ntklib/assignments/), both
kept in the repository, and the autograder package (_build/homework/), which holds the hidden tests and is not.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import repository
from execute import METADATA
from otter.assign import main as otter_assign

ROOT = Path(__file__).parents[1]
MASTERS = sorted((ROOT / "homework").glob("*/hw*.ipynb"))
STUDENT = ROOT / "chapters" / "homework"
PUBLIC_TESTS = ROOT / "ntklib" / "assignments"
# the name that stands in the hidden tests of a master for the instructor's seed
SEED_NAME = "SECRET_SEED"
SEED_FILE = ROOT / "homework" / "secret-seed"


def secret_seed() -> int:
    """The instructor's seed, from a file that stays out of the repository; drawn when it is first needed."""
    if not SEED_FILE.exists():
        with os.fdopen(os.open(SEED_FILE, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f"{secrets.randbits(64)}\n")
    return int(SEED_FILE.read_text())


def assign(master: Path, result: Path, seed: int) -> None:
    """Run otter assign on a master whose hidden tests draw from the seed: result/student, result/autograder."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, master.stem, master.name)
        copy.parent.mkdir()
        source = master.read_text(encoding="utf-8")
        if SEED_NAME not in source:
            raise ValueError(f"{master}: expected hidden tests that draw from {SEED_NAME}, found none")
        copy.write_text(source.replace(SEED_NAME, str(seed)), encoding="utf-8")
        shutil.copy(ROOT / "homework" / "otter.yml", folder)
        copy.with_name("requirements.txt").write_text(requirement() + "\n", encoding="utf-8")
        otter_assign(str(copy), str(result), no_pdfs=True, no_run_tests=True)


def requirement() -> str:
    """The ntklib that a grading container installs: the one of this commit, with what the course needs."""
    return f"ntklib[course] @ git+{repository.address()}@{repository.head() or 'main'}"


def student_notebook(path: Path) -> nbformat.NotebookNode:
    """The student's notebook as otter wrote it, with metadata and cell ids that change only where a cell does."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = METADATA
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = f"{digest}-{seen[digest]}"
    nbformat.validate(notebook)
    return notebook


def write(masters: list[Path], student: Path, public_tests: Path, packages: Path | None, seed: int) -> None:
    """Write the student versions and public tests of some masters, and the autograder packages where asked."""
    for master in masters:
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder)
            assign(master, result, seed)
            student.mkdir(parents=True, exist_ok=True)
            nbformat.write(student_notebook(result / "student" / master.name), student / master.name)
            shutil.rmtree(public_tests / master.stem, ignore_errors=True)
            shutil.copytree(result / "student" / "tests", public_tests / master.stem)
            if packages is not None:
                packages.mkdir(parents=True, exist_ok=True)
                (package,) = (result / "autograder").glob("*.zip")
                shutil.copy(package, packages / f"{master.stem}-autograder.zip")


if __name__ == "__main__":
    packages = ROOT / "_build" / "homework"
    write(
        [path for path in MASTERS if path.stem in sys.argv[1:] or not sys.argv[1:]],
        STUDENT,
        PUBLIC_TESTS,
        packages,
        secret_seed(),
    )
    print(f"Student versions: {STUDENT.relative_to(ROOT)}; autograder packages: {packages.relative_to(ROOT)}")
    print(f"The hidden tests draw from {SEED_FILE.relative_to(ROOT)}: keep it, and keep it to yourself.")
