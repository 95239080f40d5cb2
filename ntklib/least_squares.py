"""The linearized model as linear least squares: features φ(x), offsets δ_i, and the two losses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from ntklib import _checks

__all__ = ["delta", "features", "linear_loss", "loss"]


def features(phi: _checks.Model, w0: Any, X: jax.Array) -> jax.Array:
    r"""The feature map of the linearized model: its gradients at w0, one row an input.

    ``eq-feature-map``: φ(x) = ∇_wΦ(x, w0).

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays of one dtype, n numbers in all.
        X: Inputs, shape (m, …).

    Returns:
        Shape (m, n) for a scalar model, (m, o, n) for o outputs. The n columns are in the order of
        ``jax.flatten_util.ravel_pytree``.

    Raises:
        TypeError: ``w0`` is not made of float arrays of one dtype, or the model's output is not an array.
        ValueError: ``X`` is empty, ``w0`` empty or not finite, or the output is not of shape () or (o,).

    Example:
        >>> import jax.numpy as jnp
        >>> features(lambda w, x: w @ x, jnp.ones(2), jnp.array([[3.0, 4.0], [5.0, 6.0]])).tolist()
        [[3.0, 4.0], [5.0, 6.0]]
    """
    _checks.problem(phi, w0, X)
    dtypes = {leaf.dtype for leaf in jax.tree.leaves(w0)}
    if len(dtypes) > 1:
        raise TypeError(f"w0: expected one dtype, since its gradients form one vector, got {sorted(map(str, dtypes))}")
    return _jacobian(phi, w0, X)


@partial(jax.jit, static_argnames="phi")
def _jacobian(phi: _checks.Model, w0: Any, X: jax.Array) -> jax.Array:
    vector, unravel = ravel_pytree(w0)
    return jax.vmap(lambda x: jax.jacrev(lambda v: phi(unravel(v), x))(vector))(X)


def delta(phi: _checks.Model, w0: Any, X: jax.Array, y: jax.Array) -> jax.Array:
    r"""The offsets that turn the linearized model's loss into linear least squares.

    ``eq-delta``: δ_i = Φ(x_i, w0) − ⟨∇_wΦ(x_i, w0), w0⟩ − y_i.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        X: Inputs, shape (m, …).
        y: Targets, shape (m,) for a scalar model, (m, o) for o outputs, in the dtype of the output.

    Returns:
        Shape (m,) or (m, o).

    Raises:
        TypeError: ``w0`` or ``y`` is not made of float arrays, or the dtype of ``y`` is not the output's.
        ValueError: The shapes do not fit, ``X`` is empty, or ``w0`` or ``y`` is not finite.

    Example:
        >>> import jax.numpy as jnp
        >>> delta(lambda w, x: w**2 * x, jnp.array(3.0), jnp.array([1.0, 2.0]), jnp.array([1.0, 1.0])).tolist()
        [-10.0, -19.0]
    """
    _checks.targets(y, X, _checks.problem(phi, w0, X))
    outputs, derivative = jax.jvp(lambda w: jax.vmap(phi, (None, 0))(w, X), (w0,), (w0,))
    return outputs - derivative - y


def loss(phi: _checks.Model, X: jax.Array, y: jax.Array) -> Callable[[Any], jax.Array]:
    r"""The training loss of the model itself.

    ``eq-loss``: f(w) = Σ_i (Φ(x_i, w) − y_i)², summed over inputs and outputs, with no ½ and no 1/m: its
    gradient carries a factor 2.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        X: Inputs, shape (m, …).
        y: Targets, shape (m,) or (m, o), in the dtype of the output.

    Returns:
        ``f(w)``, a scalar; it raises as :func:`delta` does when w, X and y do not fit.

    Raises:
        TypeError: ``phi`` is not a hashable function or ``X`` not an array.
        ValueError: ``X`` is empty.

    Example:
        >>> import jax.numpy as jnp
        >>> f = loss(lambda w, x: w * x, jnp.array([1.0, 2.0]), jnp.array([1.0, 1.0]))
        >>> float(f(jnp.array(3.0)))  # (3 − 1)² + (6 − 1)²
        29.0
    """
    _checks.model(phi)
    _checks.batch("X", X)

    def f(w: Any) -> jax.Array:
        _checks.targets(y, X, _checks.output(phi, w, X))
        return jnp.sum((jax.vmap(phi, (None, 0))(w, X) - y) ** 2)

    return f


def linear_loss(phi: _checks.Model, w0: Any, X: jax.Array, y: jax.Array) -> Callable[[Any], jax.Array]:
    r"""The training loss of the linearized model, as linear least squares.

    ``eq-linear-loss``: f_lin(w) = Σ_i (⟨φ(x_i), w⟩ + δ_i)², summed over inputs and outputs, with no ½ and no
    1/m: its gradient carries a factor 2. The model is linearized once, here; each call is then one linear map.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        X: Inputs, shape (m, …).
        y: Targets, shape (m,) or (m, o), in the dtype of the output.

    Returns:
        ``f_lin(w)``, a scalar; ``w`` must have the tree, shapes and dtypes of ``w0``.

    Raises:
        TypeError: As :func:`delta`.
        ValueError: As :func:`delta`.

    Example:
        >>> import jax.numpy as jnp
        >>> f_lin = linear_loss(lambda w, x: w**2 * x, jnp.array(3.0), jnp.array([1.0]), jnp.array([1.0]))
        >>> float(f_lin(jnp.array(4.0)))  # (6·4 − 10)²
        196.0
    """
    _checks.targets(y, X, _checks.problem(phi, w0, X))
    outputs, features_dot = jax.linearize(lambda w: jax.vmap(phi, (None, 0))(w, X), w0)
    offsets = outputs - features_dot(w0) - y

    def f_lin(w: Any) -> jax.Array:
        _checks.same_parameters("w", w, w0)
        return jnp.sum((features_dot(w) + offsets) ** 2)

    return f_lin
