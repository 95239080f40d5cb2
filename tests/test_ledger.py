"""The ledger finds what it must, and each kind of defect in a chapter is reported."""

import json

import pytest

from ntklib import ledger

DEFINITION = ":::{prf:definition} D\n\n$$\na = b\n$$ (eq-def)\n:::"
CLAIM = "Text.\n\n$$\nc = d\n$$ (eq-claim)\n"
CODE = 'x = 1  # eq-def\nverify("eq-claim", 1.0, 1.0, tol=1e-9)'
OUTPUT = "✓ eq-claim: both sides agree to 1e-09\n"


@pytest.fixture
def chapter(tmp_path):
    def write(markdown=(DEFINITION, CLAIM), code=CODE, output=OUTPUT, execution_count=1, name="one"):
        cells = [{"cell_type": "markdown", "source": text} for text in markdown]
        outputs = [{"output_type": "stream", "name": "stdout", "text": [output]}]
        cells.append({"cell_type": "code", "source": [code], "outputs": outputs, "execution_count": execution_count})
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
        return path

    return write


def test_lists_definitions_and_what_verifies_the_rest(chapter):
    definition, claim = ledger.equations([chapter()])
    assert (definition.label, definition.definition, definition.cited, definition.checks) == ("eq-def", True, True, [])
    assert (claim.label, claim.chapter, claim.definition) == ("eq-claim", "one", False)
    assert claim.checks == [ledger.Check(cell=1, kind="equation", tolerance=1e-9)]


def test_a_sound_chapter_has_no_problems(chapter):
    assert ledger.problems([chapter()]) == []


def test_one_comment_may_cite_several_equations(chapter):
    path = chapter(code=CODE.replace("# eq-def", "# eq-claim, eq-def"))
    assert [equation.cited for equation in ledger.equations([path])] == [True, True]


def test_a_bound_counts(chapter):
    path = chapter(code='y = 2  # eq-def\nverify_bound("eq-claim", 1.0, 2.0)', output="✓ eq-claim: the bound holds\n")
    assert ledger.problems([path]) == []
    assert ledger.equations([path])[1].checks == [ledger.Check(cell=1, kind="bound", tolerance=0.0)]


@pytest.mark.parametrize(
    ("defect", "problem"),
    [
        ({"code": "x = 1  # eq-def", "output": ""}, "one: eq-claim is neither a definition nor verified"),
        ({"code": CODE.replace("# eq-def", "")}, "one: eq-def is neither cited nor verified"),
        ({"output": ""}, "one: the check of eq-claim has not been run"),
        ({"execution_count": None}, "one: the check of eq-claim has not been run"),
        ({"markdown": [DEFINITION]}, "one: verify cites eq-claim, which labels no equation"),
        ({"markdown": [DEFINITION, CLAIM, CLAIM]}, "eq-claim labels 2 equations"),
        ({"markdown": [DEFINITION.replace("definition", "theorem"), CLAIM]}, "one: eq-def is neither a definition"),
    ],
)
def test_each_defect_is_reported(chapter, defect, problem):
    assert any(sentence.startswith(problem) for sentence in ledger.problems([chapter(**defect)]))


def test_a_check_in_another_chapter_does_not_count(chapter):
    unverified = chapter(code="x = 1  # eq-def", output="")
    elsewhere = chapter(markdown=["Text."], name="two")
    assert ledger.problems([unverified, elsewhere]) == ["one: eq-claim is neither a definition nor verified"]


@pytest.mark.parametrize("call", ["verify(name, 1.0, 1.0, tol=1e-9)", 'verify("eq-claim", 1.0, 1.0, tol=tiny)'])
def test_a_check_that_cannot_be_read_is_named(chapter, call):
    with pytest.raises(ValueError, match="expected the label and tol of a check to be written out, got verify"):
        ledger.problems([chapter(code=f"# eq-def\n{call}")])
