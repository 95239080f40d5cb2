"""The checker of homework notebooks: what a student reads for a right, a wrong, a failing and a missing answer."""

import subprocess
import sys

import numpy as np
import pytest

from ntklib import homework
from ntklib.homework import Notebook, expect, generator

TESTS = """from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=0, hidden=False)
def test_residual(residual):
    import numpy as np
    from ntklib.homework import expect
    expect("the residual", residual(np.array([2.0]), np.array([3.0])), [-1.0], mistakes={"the sign is wrong": [1.0]})

@test_case(points=0, hidden=False)
def test_shape(residual):
    assert residual(np.ones(3), np.ones(3)).shape == (3,), "the residual: expected one entry for each target"
"""


@pytest.fixture
def grader(tmp_path, monkeypatch):
    (tmp_path / "hw1").mkdir()
    (tmp_path / "hw1" / "q1.py").write_text(TESTS.replace("np.ones", "__import__('numpy').ones"))
    monkeypatch.setattr(homework, "_ASSIGNMENTS", tmp_path)
    return Notebook("hw1")


def said(grader, capsys, **names):
    exec("grader.check('q1')", {"grader": grader, **names})
    return capsys.readouterr().out


def test_a_right_answer_hears_that_hidden_tests_remain(grader, capsys):
    text = said(grader, capsys, residual=lambda phi, y: phi - y)
    assert text == "q1: all public tests passed. Hidden tests remain: they use other inputs.\n"


def test_a_wrong_answer_hears_which_mistake_it_is(grader, capsys):
    text = said(grader, capsys, residual=lambda phi, y: y - phi)
    assert text == "q1: 1 of 2 public tests passed\n  ✗ the residual: the sign is wrong\n"
    text = said(grader, capsys, residual=lambda phi, y: (phi - y)[:1])
    assert text == "q1: 1 of 2 public tests passed\n  ✗ the residual: expected one entry for each target\n"


def test_an_error_is_shown_with_the_students_line(grader, capsys):
    def residual(phi, y):
        return phi @ y[:, None]  # (1,) @ (1, 1) is fine, (3,) @ (3, 1) too; the second shape is wrong

    assert "expected" in said(grader, capsys, residual=residual)

    def broken(phi, y):
        return phi.nothing - y

    text = said(grader, capsys, residual=broken)
    assert text.startswith("q1: 0 of 2 public tests passed\n  ✗ your code raised AttributeError: ")
    assert "\n    at: return phi.nothing - y\n" in text


def test_a_missing_answer_is_no_error(grader, capsys):
    assert "✗ residual is not defined: run the cell that defines it" in said(grader, capsys)
    assert "the residual: not answered yet" in said(grader, capsys, residual=lambda phi, y: ...)


def test_check_all_runs_every_question(grader, capsys):
    exec("grader.check_all()", {"grader": grader, "residual": lambda phi, y: phi - y})
    assert capsys.readouterr().out.count("q1: all public tests passed") == 1


def test_unknown_names_are_refused(grader, tmp_path):
    with pytest.raises(ValueError, match="assignment: expected one of hw1, got 'hw9'"):
        Notebook("hw9")
    with pytest.raises(ValueError, match="question: expected one of q1, got 'q2'"):
        grader.check("q2")
    (tmp_path / "hw1" / "q2.py").write_text("test = {}")
    with pytest.raises(ValueError, match="expected a test file of otter-grader"):
        Notebook("hw1").check("q2")


def test_it_runs_where_otter_is_not_installed():
    code = "import sys; sys.modules['otter'] = None; from ntklib.homework import Notebook; Notebook('hw1').check_all()"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "is not defined: run the cell that defines it" in printed


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (None, "x: not answered yet"),
        (..., "x: not answered yet"),
        ("2", "x: expected numbers, got str"),
        (np.array(["2", "3"]), "x: expected real numbers, got dtype <U1"),
        (np.array([2.0, 3.0], np.float32), "x: computed in float32; the course computes in float64"),
        (np.array([[2.0], [3.0]]), r"x: expected shape \(2,\), got \(2, 1\)"),
        ([[2.0], [3.0, 4.0]], r"x: expected shape \(2,\), got rows of different lengths"),
        ([2.0, np.nan], "x: NaN or infinity among the numbers"),
        ([4.0, 6.0], "x: a factor 2 too much"),
        ([2.0, 3.1], "x: wrong, off by up to 0.1 where the largest entry should be 3"),
    ],
)
def test_expect_says_what_is_wrong(got, message):
    with pytest.raises(AssertionError, match=message):
        expect("x", got, [2.0, 3.0], mistakes={"of another shape": 1.0, "a factor 2 too much": [4.0, 6.0]})


def test_expect_accepts_what_is_right_up_to_the_tolerance():
    expect("x", [2.0, 3.0], np.array([2.0, 3.0]))
    expect("x", 3, 3.0)
    expect("x", np.array(1e8 + 0.01), 1e8)
    expect("x", np.zeros((0, 2)), np.zeros((0, 2)))
    with pytest.raises(AssertionError, match="wrong"):
        expect("x", np.array(1.0 + 1e-8), 1.0)
    expect("x", np.array(1.0 + 1e-8), 1.0, tol=1e-7)


def test_each_student_has_numbers_of_their_own():
    first = generator("ada", "hw1-q1").normal(size=3)
    np.testing.assert_array_equal(first, generator(" ada\n", "hw1-q1").normal(size=3))
    assert np.all(first != generator("bob", "hw1-q1").normal(size=3))
    assert np.all(first != generator("ada", "hw1-q2").normal(size=3))
    with pytest.raises(TypeError, match="student_id: expected a text, got int"):
        generator(7, "hw1-q1")
