"""Check the answers of a homework notebook against the public tests that ship with ntklib.

The tests are files that otter-grader wrote; they run here without it, so a student installs nothing.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ntklib._language import _

__all__ = ["Notebook", "expect", "generator"]

_ASSIGNMENTS = Path(__file__).parent / "assignments"
# what every test file of otter-grader begins with; the decorator is handed in, so the package need not be there
_IMPORT = "from otter.test_files import test_case\n"


class Notebook:
    """The checker of one assignment, used in its notebook as otter-grader's own is.

    Args:
        assignment: Its name, ``"hw1"``.

    Raises:
        ValueError: There is no assignment of that name.

    Example:
        >>> grader = Notebook("hw1")
        >>> grader.check("q0")
        Traceback (most recent call last):
            ...
        ValueError: question: expected one of q1, q2, q4, q6, q7, got 'q0'
    """

    def __init__(self, assignment: str) -> None:
        self._files = {path.stem: path for path in sorted((_ASSIGNMENTS / assignment).glob("*.py"))}
        if not self._files:
            known = ", ".join(sorted(path.name for path in _ASSIGNMENTS.iterdir()))
            raise ValueError(f"assignment: expected one of {known}, got {assignment!r}")

    def check(self, question: str) -> None:
        """Run the public tests of one question on the names of the notebook, and print what they say.

        Args:
            question: The name of the question, ``"q1"``.

        Raises:
            ValueError: The assignment has no such question, or it has no public test.
        """
        self._check(question, sys._getframe(1).f_globals)

    def check_all(self) -> None:
        """Run the public tests of every question, in order."""
        for question in self._files:
            self._check(question, sys._getframe(1).f_globals)

    def _check(self, question: str, names: Mapping[str, Any]) -> None:
        if question not in self._files:
            raise ValueError(f"question: expected one of {', '.join(self._files)}, got {question!r}")
        cases = _test_cases(self._files[question])
        messages = [message for case in cases if (message := case.run(names)) is not None]
        if messages:
            passed, all_ = len(cases) - len(messages), len(cases)
            print(f"{question}: " + _("{passed} of {all} public tests passed").format(passed=passed, all=all_))
            for message in messages:
                print("  ✗ " + message.replace("\n", "\n    "))
        else:
            print(f"{question}: " + _("all public tests passed. Hidden tests remain: they use other inputs."))


@dataclass
class _TestCase:
    """The stand-in of otter's decorator: a test, and what was said about it."""

    points: float | None = None
    hidden: bool = False
    success_message: str | None = None
    failure_message: str | None = None
    function: Callable[..., None] | None = None

    def __call__(self, function: Callable[..., None]) -> _TestCase:
        self.function = function
        return self

    def run(self, names: Mapping[str, Any]) -> str | None:
        """What is wrong, None where nothing is."""
        assert self.function is not None
        code = self.function.__code__
        arguments = code.co_varnames[: code.co_argcount]
        missing = [name for name in arguments if name not in names]
        if missing:
            return _("{name} is not defined: run the cell that defines it").format(name=missing[0])
        try:
            self.function(**{name: names[name] for name in arguments})
        except AssertionError as error:
            return _said(str(error))
        except Exception as error:
            return _raised(error, code.co_filename)
        return None


def _said(message: str) -> str:
    """What a test says, in the reader's language; behind a name that is filled in, the sentence alone."""
    name, colon, sentence = message.partition(": ")
    whole = _(message)
    return f"{name}: {_(sentence)}" if colon and whole == message else whole


def _raised(error: Exception, test_file: str) -> str:
    """An error of the student's code, with the line of theirs that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    message = _("your code raised {error}").format(error=f"{type(error).__name__}: {error}")
    own = [frame for frame in frames if frame.name != "run" and frame.filename != test_file and frame.line]
    return message + (f"\n{_('at')}: {own[0].line}" if own else "")


def _test_cases(path: Path) -> list[_TestCase]:
    source = path.read_text(encoding="utf-8")
    if not source.startswith(_IMPORT):
        raise ValueError(f"{path.name}: expected a test file of otter-grader, which begins with {_IMPORT!r}")
    names: dict[str, Any] = {"test_case": _TestCase}
    exec(compile(source.removeprefix(_IMPORT), str(path), "exec"), names)
    return [value for value in names.values() if isinstance(value, _TestCase)]


def expect(what: str, got: Any, want: Any, *, tol: float = 1e-9, mistakes: Mapping[str, Any] | None = None) -> None:
    r"""Assert that an answer is right; where it is not, say which mistake gives just this answer.

    Right means max|got − want| ≤ tol · max(1, max|want|), in float64. Nothing is broadcast or cast.

    Args:
        what: What is being checked, as the sentence that follows it should begin: ``"δ"``.
        got: The answer of a student.
        want: The right one, a number or an array.
        tol: The tolerance, relative to the largest entry and absolute where entries are small.
        mistakes: Sentences, and the answers that the mistakes they describe would give.

    Raises:
        AssertionError: The answer is missing, has another shape or dtype, is not finite, or is wrong.

    Example:
        >>> phi, y = np.array([1.0, 2.0]), np.array([0.5, 0.0])
        >>> expect("the residual", phi + y, phi - y, mistakes={"the sign of y is wrong": phi + y})
        Traceback (most recent call last):
            ...
        AssertionError: the residual: the sign of y is wrong
    """
    want, what = np.asarray(want), _(what)
    if got is None or got is Ellipsis:
        raise AssertionError(f"{what}: " + _("not answered yet"))
    if not isinstance(got, (int, float, list, tuple)) and not hasattr(got, "__array__"):
        raise AssertionError(f"{what}: " + _("expected numbers, got {type}").format(type=type(got).__name__))
    try:
        answer = np.asarray(got)
    except ValueError:
        uneven = _("expected shape {shape}, got rows of different lengths").format(shape=want.shape)
        raise AssertionError(f"{what}: {uneven}") from None
    if answer.dtype.kind not in "biuf":
        raise AssertionError(f"{what}: " + _("expected real numbers, got dtype {dtype}").format(dtype=answer.dtype))
    if answer.dtype in (np.float16, np.float32):
        rounded = _("computed in {dtype}; the course computes in float64").format(dtype=answer.dtype)
        raise AssertionError(f"{what}: {rounded}")
    if answer.shape != want.shape:
        other = _("expected shape {shape}, got {other}").format(shape=want.shape, other=answer.shape)
        raise AssertionError(f"{what}: {other}")
    if not np.all(np.isfinite(answer)):
        raise AssertionError(f"{what}: " + _("NaN or infinity among the numbers"))
    if _close(answer, want, tol):
        return
    for sentence, wrong in (mistakes or {}).items():
        if np.shape(wrong) == answer.shape and _close(answer, np.asarray(wrong), tol):
            raise AssertionError(f"{what}: {_(sentence)}")
    off = _("wrong, off by up to {error:.2g} where the largest entry should be {largest:.2g}").format(
        error=np.max(np.abs(answer - want)), largest=np.max(np.abs(want))
    )
    raise AssertionError(f"{what}: {off}")


def _close(answer: np.ndarray, want: np.ndarray, tol: float) -> bool:
    want = want.astype(np.float64)
    return bool(np.max(np.abs(answer - want), initial=0.0) <= tol * max(1.0, np.max(np.abs(want), initial=0.0)))


def generator(student_id: str, name: str) -> np.random.Generator:
    """The random numbers of one student in one question: the same on every machine, others for every id.

    Args:
        student_id: The student's id, as the homework's first cell has it.
        name: What the numbers are for, ``"hw2-q3"``.

    Returns:
        A NumPy generator, seeded with the SHA-256 of both.

    Raises:
        TypeError: The id is not a text.

    Example:
        >>> generator("ada", "hw2-q3").random() == generator("ada", "hw2-q3").random()
        True
    """
    if not isinstance(student_id, str):
        raise TypeError(f"student_id: expected a text, got {type(student_id).__name__}")
    digest = hashlib.sha256(f"{name}\n{student_id.strip()}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest))
