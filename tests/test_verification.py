"""verify and verify_bound: what they let pass, what they print, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest

from ntklib import verify, verify_bound


@pytest.mark.parametrize(
    ("lhs", "rhs", "tol"),
    [
        (1.0, 1.0, 0),
        (0.0, 0.0, 0.0),
        (100.0, 100.9, 0.01),
        (np.array([1e-9, 100.0]), np.array([0.0, 100.9]), 0.01),  # relative to the largest entry
        (jnp.ones((2, 3)), np.ones((2, 3)), 0),
        (jnp.float32(1.0), np.float64(1.0), 0),
        ({"a": [1.0, 2.0], "b": jnp.ones(2)}, {"a": [1.0, 2.0], "b": np.ones(2)}, 0),
        (3, 3, 0),
        (True, True, 0),
    ],
)
def test_equal_sides_pass(lhs, rhs, tol):
    verify("eq-x", lhs, rhs, tol=tol)


@pytest.mark.parametrize(
    ("lhs", "rhs", "tol"),
    [
        (1.0, np.nextafter(1.0, 2.0), 0),
        (1.0, 1.0 + 1e-9, 1e-12),
        (100.0, 101.1, 0.01),
        (1.0, -1.0, 1.0),
        (np.array([1.0, 2.0]), np.array([2.0, 1.0]), 1e-3),
        ([1.0, 1000.0], [1.1, 1000.0], 0.01),  # leaf by leaf, each with its own largest entry
        (np.array([0], "uint8"), np.array([255], "uint8"), 0.01),  # whose difference in uint8 is 1
        (True, False, 0),
        (1.0, 0.0, 0.5),
    ],
)
def test_unequal_sides_fail(lhs, rhs, tol):
    with pytest.raises(AssertionError, match=r"^eq-x.*: the sides differ by .* where the largest entry is"):
        verify("eq-x", lhs, rhs, tol=tol)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_fails(bad):
    for check in (verify, verify_bound):
        for lhs, rhs in [(bad, 1.0), (1.0, bad), (bad, bad), (np.array([1.0, bad]), np.array([1.0, bad]))]:
            with pytest.raises(AssertionError, match=r"^eq-x: a side is not finite"):
                check("eq-x", lhs, rhs, tol=1.0)


@pytest.mark.parametrize(
    ("lhs", "bound", "tol"),
    [
        (1.0, 2.0, 0),
        (1.0, 1.0, 0),
        (-5.0, 1.0, 0),
        (np.array([1.0, 2.0]), np.array([1.0, 2.5]), 0),
        (1.0 + 1e-13, 1.0, 1e-12),
        ({"a": 1, "b": 2.0}, {"a": 1, "b": 3.0}, 0),
    ],
)
def test_a_bound_that_holds(lhs, bound, tol):
    verify_bound("eq-x", lhs, bound, tol=tol)


@pytest.mark.parametrize(
    ("lhs", "bound", "tol"),
    [
        (2.0, 1.0, 0),
        (np.nextafter(1.0, 2.0), 1.0, 0),
        (1.0 + 1e-11, 1.0, 1e-12),
        (np.array([1.0, 3.0]), np.array([100.0, 2.0]), 0),  # entry by entry
        (np.array([2], "uint8"), np.array([1], "uint8"), 0),
        (np.array([1], "uint8"), np.array([-1], "int8"), 0),
        ([1.0, 2.0], [1.0, 1.0], 0.5),
    ],
)
def test_a_bound_that_does_not_hold(lhs, bound, tol):
    with pytest.raises(AssertionError, match=r"^eq-x.*: the bound is exceeded by"):
        verify_bound("eq-x", lhs, bound, tol=tol)


@pytest.mark.parametrize("check", [verify, verify_bound])
@pytest.mark.parametrize(
    ("lhs", "rhs", "message"),
    [
        (np.ones(3), np.ones((3, 1)), r"^eq-x: expected two sides of one shape with entries, got \(3,\) and \(3, 1\)"),
        (np.ones(3), 1.0, r"^eq-x: expected two sides of one shape with entries, got \(3,\) and \(\)"),
        (np.ones(0), np.ones(0), r"^eq-x: expected two sides of one shape with entries, got \(0,\) and \(0,\)"),
        ({"a": 1.0}, {"b": 1.0}, r"^eq-x: the sides have different trees"),
        ([1.0, 2.0], np.array([1.0, 2.0]), r"^eq-x: the sides have different trees"),
        ({"a": np.ones(2)}, {"a": np.ones(3)}, r"^eq-x\['a'\]: expected two sides of one shape"),
        ([], [], r"^eq-x: the sides have no entries"),
        (None, None, r"^eq-x: the sides have no entries"),
    ],
)
def test_sides_that_cannot_be_compared(check, lhs, rhs, message):
    with pytest.raises(ValueError, match=message):
        check("eq-x", lhs, rhs, tol=1.0)


@pytest.mark.parametrize("check", [verify, verify_bound])
@pytest.mark.parametrize(
    ("tol", "error"),
    [(-1e-3, ValueError), (np.nan, ValueError), (np.inf, ValueError), (None, TypeError), ("0", TypeError)],
)
def test_bad_tolerance(check, tol, error):
    with pytest.raises(error, match=r"^tol: expected a"):
        check("eq-x", 1.0, 1.0, tol=tol)


@pytest.mark.parametrize(
    ("check", "tol", "line"),
    [
        (verify, 1e-12, "✓ eq-x: both sides agree to 1e-12\n"),
        (verify, 0, "✓ eq-x: both sides are equal\n"),
        (verify_bound, 0, "✓ eq-x: the bound holds\n"),
        (verify_bound, 1e-12, "✓ eq-x: the bound holds up to rounding, 1e-12\n"),
    ],
)
def test_prints_one_line_without_a_computed_number(capsys, check, tol, line):
    for value in (1.0, 2.5):
        check("eq-x", value, value, tol=tol)
        assert capsys.readouterr() == (line, "")


def test_prints_nothing_when_it_fails(capsys):
    with pytest.raises(AssertionError):
        verify("eq-x", [1.0, 1.0], [1.0, 2.0], tol=0)
    assert capsys.readouterr().out == ""
