"""Assert an equation of the book, and say so in one stable line."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ntklib import _checks
from ntklib._language import _

__all__ = ["verify", "verify_bound"]


def verify(label: str, lhs: Any, rhs: Any, *, tol: float) -> None:
    r"""Assert that both sides of an equation agree, and print one line that depends on the label and tol alone.

    The two sides agree when max|lhs − rhs| ≤ tol · max(max|lhs|, max|rhs|), leaf by leaf: an error relative to
    the largest entry. Nothing is broadcast.

    Args:
        label: The label of the equation in the book, ``eq-…``.
        lhs: The left-hand side, an array or a pytree of arrays.
        rhs: The right-hand side, of the same tree and shapes.
        tol: The relative tolerance.

    Raises:
        AssertionError: The sides differ by more, or one of them is not finite.
        ValueError: The trees or shapes differ, a side has no entry, or ``tol`` is not a finite number of at least 0.

    Example:
        >>> verify("eq-euler", np.cos(np.pi), -1.0, tol=1e-12)
        ✓ eq-euler: both sides agree to 1e-12
    """
    for name, left, right in _sides(label, lhs, rhs, tol):
        scale = max(np.max(np.abs(left)), np.max(np.abs(right)))
        error = np.max(np.abs(left - right))
        if not error <= tol * scale:
            raise AssertionError(f"{name}: the sides differ by {error:.3g} where the largest entry is {scale:.3g}")
    said = _("both sides agree to {tol:.0e}").format(tol=tol) if tol else _("both sides are equal")
    print(f"✓ {label}: {said}")


def verify_bound(label: str, lhs: Any, bound: Any, *, tol: float = 0.0) -> None:
    r"""Assert an inequality, entry by entry, and print one line that depends on the label and tol alone.

    lhs ≤ bound holds when lhs ≤ bound + tol · max|bound|, leaf by leaf. Nothing is broadcast.

    Args:
        label: The label of the inequality in the book, ``eq-…``.
        lhs: The smaller side, an array or a pytree of arrays.
        bound: The larger side, of the same tree and shapes.
        tol: What rounding may add where both sides are equal, relative to the largest entry of the bound.

    Raises:
        AssertionError: An entry of lhs is above its bound, or a side is not finite.
        ValueError: The trees or shapes differ, a side has no entry, or ``tol`` is not a finite number of at least 0.

    Example:
        >>> verify_bound("eq-triangle", abs(1.0 - 3.0), abs(1.0) + abs(-3.0))
        ✓ eq-triangle: the bound holds
    """
    for name, left, right in _sides(label, lhs, bound, tol):
        excess = np.max(left - right)
        if not excess <= tol * np.max(np.abs(right)):
            raise AssertionError(f"{name}: the bound is exceeded by {excess:.3g}")
    said = _("the bound holds up to rounding, {tol:.0e}").format(tol=tol) if tol else _("the bound holds")
    print(f"✓ {label}: {said}")


def _sides(label: str, lhs: Any, rhs: Any, tol: float) -> list[tuple[str, np.ndarray, np.ndarray]]:
    tol = _checks.not_negative("tol", tol)
    trees: list[Any] = [jax.tree.structure(lhs), jax.tree.structure(rhs)]
    if trees[0] != trees[1]:
        raise ValueError(f"{label}: the sides have different trees")
    sides = []
    for (path, left), right in zip(jax.tree_util.tree_leaves_with_path(lhs), jax.tree.leaves(rhs), strict=True):
        name = label + jax.tree_util.keystr(path)
        left, right = _reals(left), _reals(right)
        if left.shape != right.shape or left.size == 0:
            raise ValueError(
                f"{name}: expected two sides of one shape with entries, got {left.shape} and {right.shape}"
            )
        if not (np.all(np.isfinite(left)) and np.all(np.isfinite(right))):
            raise AssertionError(f"{name}: a side is not finite")
        sides.append((name, left, right))
    if not sides:
        raise ValueError(f"{label}: the sides have no entries")
    return sides


def _reals(side: Any) -> np.ndarray:
    """An array whose differences are what they should be: whole numbers wrap around, booleans have none."""
    array = np.asarray(side)
    return array.astype(np.float64) if array.dtype.kind in "biu" else array
