"""The two data sets that run through the course: a curve that can be drawn, and handwritten digits."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ntklib import _checks

__all__ = ["curve", "digits"]


def curve(m: int = 8) -> tuple[jax.Array, jax.Array]:
    r"""One-dimensional regression without noise: m points of y = sin(πx) + x/2 on [−1, 1].

    Args:
        m: The number of points, at least 2, equally spaced and both ends included.

    Returns:
        X of shape (m, 1) and y of shape (m,), in JAX's default float dtype.

    Raises:
        TypeError: m is not a whole number.
        ValueError: m is below 2.

    Example:
        >>> X, y = curve(3)
        >>> X.shape, y.shape
        ((3, 1), (3,))
    """
    if _checks.count("m", m) < 2:
        raise ValueError(f"m: expected at least 2 points, got {m}")
    x = jnp.linspace(-1.0, 1.0, m)
    return x[:, None], jnp.sin(jnp.pi * x) + x / 2


def digits(classes: tuple[int, ...], *, train: int, test: int) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    r"""The 8×8 handwritten digits that ship with scikit-learn, in the order in which they stand there.

    Pixels are divided by 16, their largest value. Two classes become targets ±1 of a scalar model, +1 for the
    second; more classes become centred one-hot rows, 1 − 1/o for the digit's own class and −1/o for the others.

    Args:
        classes: The digits to keep, at least two of 0 to 9.
        train: The number m of training images, the first ones of the classes.
        test: The number of test images, the ones after them.

    Returns:
        X (m, 64), y (m,) or (m, o), X_test (test, 64), y_test (test,) or (test, o), in JAX's default float dtype.

    Raises:
        ImportError: scikit-learn is not installed.
        ValueError: Fewer than two classes, one that is not a digit or comes twice, or more images than there are.

    Example:
        >>> X, y, X_test, y_test = digits((0, 1), train=40, test=60)
        >>> X.shape, sorted(set(y.tolist()))
        ((40, 64), [-1.0, 1.0])

    References:
        Alpaydin & Kaynak (1998), Optical recognition of handwritten digits, UCI Machine Learning Repository.
    """
    from sklearn.datasets import load_digits

    if len(classes) < 2 or len(set(classes)) < len(classes) or not set(classes) <= set(range(10)):
        raise ValueError(f"classes: expected at least two different digits of 0 to 9, got {classes}")
    pixels, labels = load_digits(return_X_y=True)
    kept = np.isin(labels, classes)
    available = int(kept.sum())
    if train < 1 or test < 0 or train + test > available:
        raise ValueError(f"train, test: expected 1 ≤ train and at most {available} images in all, got {train} + {test}")
    X = jnp.asarray(pixels[kept][: train + test] / 16, jnp.result_type(float))
    membership = jnp.asarray(labels[kept][: train + test, None] == np.asarray(classes), X.dtype)
    y = 2 * membership[:, 1] - 1 if len(classes) == 2 else membership - 1 / len(classes)
    return X[:train], y[:train], X[train:], y[train:]
