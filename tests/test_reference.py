"""The reference is complete, and its docstrings lead to equations that exist."""

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import reference

import ntklib

ROOT = Path(__file__).parents[1]


class Documented:
    """A class."""

    def method(self):
        """A method."""

    def other(self):
        pass


@dataclass
class Bare:
    number: int = 0


def documented():
    """A function."""


def bare():
    pass


@pytest.fixture
def package(monkeypatch):
    """A package without modules of its own, into which a test puts public names."""
    package = ModuleType("made_up")
    package.__path__ = []
    package.__all__ = []
    monkeypatch.setitem(sys.modules, "made_up", package)

    def put(**names):
        for name, value in names.items():
            setattr(package, name, value)
            package.__all__.append(name)
        return package

    return put


def test_a_complete_reference_has_no_problems(package):
    assert reference.problems(package(f=documented), {"made_up.f"}) == []


def test_a_name_that_is_not_shown_is_a_problem(package):
    assert reference.problems(package(f=documented), set()) == ["made_up.f is not in the reference"]


@pytest.mark.parametrize("value", [bare, Bare])
def test_a_name_without_a_docstring_is_a_problem(package, value):
    assert reference.problems(package(f=value), {"made_up.f"}) == ["made_up.f has no docstring"]


def test_a_public_method_counts(package):
    shown = {"made_up.A", "made_up.A.method"}
    assert reference.problems(package(A=Documented), shown) == [
        "made_up.A.other has no docstring",
        "made_up.A.other is not in the reference",
    ]


def test_a_module_says_what_is_public(package):
    made_up = package()
    del made_up.__all__
    assert reference.problems(made_up, set()) == ["made_up has no __all__, which says what is public"]


def test_all_modules_are_looked_at():
    found = {module.__name__ for module in reference.modules(ntklib)}
    files = {path.stem for path in (ROOT / "ntklib").glob("*.py") if not path.stem.startswith("_")}
    assert found == {"ntklib"} | {f"ntklib.{name}" for name in files}


def test_nothing_of_ntklib_is_shown_unless_it_is_on_the_page():
    missing = [sentence for sentence in reference.problems(ntklib, set()) if sentence.endswith("not in the reference")]
    assert {f"ntklib.{name} is not in the reference" for name in ntklib.__all__} <= set(missing)
    assert len(missing) == len(reference.problems(ntklib, set()))  # every one has a docstring


def link(*lines):
    lines = list(lines)
    reference.link_equations(SimpleNamespace(srcdir=ROOT), "function", "f", None, None, lines)
    return lines


def test_labels_become_links_and_a_chapter_is_named_once():
    assert link("``eq-closed-form``: g", "the limit, ``eq-limit``", "``w0`` and ``eq-…``") == [
        ":eq:`eq-closed-form` of :doc:`/chapters/training`: g",
        "the limit, :eq:`eq-limit`",
        "``w0`` and ``eq-…``",
    ]


def test_a_label_of_no_equation_is_refused():
    with pytest.raises(reference.ReferenceError, match="f: the docstring names eq-no-such, which labels no equation"):
        link("``eq-no-such``")
