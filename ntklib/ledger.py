"""The ledger of equations: what is labelled in the chapters, and which cell runs it."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Check", "Equation", "equations", "problems"]

_LABELLED = re.compile(r"\$\$(?P<tex>(?:[^$]|\\\$)+)\$\$[ \t]*\((?P<label>[^)\s]+)\)")
_DEFINITION = re.compile(r"^(?P<fence>:{3,})\{prf:definition\}.*?^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Check:
    """One ``verify`` or ``verify_bound`` that has been run.

    Attributes:
        cell: The number in brackets beside the cell.
        kind: ``"equation"`` or ``"bound"``.
        tolerance: The relative tolerance, 0 where none is given.
    """

    cell: int
    kind: str
    tolerance: float


@dataclass
class Equation:
    """A labelled equation of the book.

    Attributes:
        label: Its label, ``eq-…``.
        chapter: The name of the notebook in which it stands, without the suffix.
        definition: Whether it stands in a definition.
        cited: Whether a code cell of its chapter cites it in a comment, ``# eq-…``.
        checks: What was verified of it, in its own chapter.
    """

    label: str
    chapter: str
    definition: bool
    cited: bool = False
    checks: list[Check] = field(default_factory=list)


def equations(notebooks: Iterable[Path]) -> list[Equation]:
    """All labelled equations, in the order of the notebooks given.

    A check counts when its cell has been executed and its line stands in the stored output.

    Args:
        notebooks: Paths of the chapters, ``.ipynb``.

    Returns:
        One :class:`Equation` for each label, with what its own chapter does about it.

    Example:
        >>> equations([])
        []
    """
    found = []
    for path in notebooks:
        cells = _cells(path)
        checks = list(_checks(cells))
        comments = "\n".join(comment for _, source in _code(cells) for comment in re.findall(r"#.*", source))
        cited = set(re.findall(r"eq-[\w-]+", comments))
        for label, definition in _labels(cells):
            own = [check for name, check in checks if name == label and check is not None]
            found.append(Equation(label, path.stem, definition, label in cited, own))
    return found


def problems(notebooks: Iterable[Path]) -> list[str]:
    """What is wrong with the book's equations, one sentence each; empty when every equation runs.

    An equation that is a definition must be cited or verified in the code of its chapter, every other one must
    be verified there. Labels are unique, and every check names a label that exists and has been run.

    Args:
        notebooks: Paths of the chapters, ``.ipynb``.

    Returns:
        Sentences that name the chapter and the label.
    """
    notebooks = list(notebooks)
    book = equations(notebooks)
    times = Counter(equation.label for equation in book)
    sentences = [f"{label} labels {count} equations" for label, count in times.items() if count > 1]
    for equation in book:
        if not equation.checks and not (equation.definition and equation.cited):
            needed = "neither cited nor verified" if equation.definition else "neither a definition nor verified"
            sentences.append(f"{equation.chapter}: {equation.label} is {needed}")
    labels = {equation.label for equation in book}
    for path in notebooks:
        for name, check in _checks(_cells(path)):
            if name not in labels:
                sentences.append(f"{path.stem}: verify cites {name}, which labels no equation")
            if check is None:
                sentences.append(f"{path.stem}: the check of {name} has not been run")
    return sentences


def _cells(path: Path) -> list[Any]:
    cells: list[Any] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _labels(cells: list[Any]) -> Iterable[tuple[str, bool]]:
    for cell in cells:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            definitions = [match.span() for match in _DEFINITION.finditer(text)]
            for match in _LABELLED.finditer(text):
                yield match["label"], any(start <= match.start() < end for start, end in definitions)


def _code(cells: list[Any]) -> Iterable[tuple[Any, str]]:
    for cell in cells:
        if cell["cell_type"] == "code":
            yield cell, "".join(cell["source"])


def _checks(cells: list[Any]) -> Iterable[tuple[str, Check | None]]:
    """The label of each call of verify or verify_bound; with None where the output does not show that it ran."""
    for cell, source in _code(cells):
        printed = "".join("".join(output.get("text", "")) for output in cell["outputs"])
        for call in ast.walk(ast.parse(source)):
            if not isinstance(call, ast.Call) or _name(call.func) not in ("verify", "verify_bound"):
                continue
            try:
                label = ast.literal_eval(call.args[0])
                tolerance = next((ast.literal_eval(k.value) for k in call.keywords if k.arg == "tol"), 0.0)
            except ValueError:
                expected = "expected the label and tol of a check to be written out"
                raise ValueError(f"{expected}, got {ast.unparse(call)}") from None
            kind = "equation" if _name(call.func) == "verify" else "bound"
            ran = cell["execution_count"] is not None and f"✓ {label}:" in printed
            yield label, Check(cell["execution_count"], kind, tolerance) if ran else None


def _name(function: ast.expr) -> str | None:
    return getattr(function, "id", getattr(function, "attr", None))
