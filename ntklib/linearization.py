"""The Taylor expansion of a model in its parameters, around the initialization."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from ntklib import _checks

__all__ = ["linearize", "taylor_expand"]


def linearize(phi: _checks.Model, w0: Any) -> _checks.Model:
    r"""First-order Taylor expansion of a model in its parameters.

    ``eq-phi-lin``: Φ_lin(x, w) = Φ(x, w0) + ⟨∇_wΦ(x, w0), w − w0⟩.

    The gradient is never formed: a forward-mode derivative in the direction w − w0 costs about as much as
    evaluating Φ.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The point of expansion, a pytree of float arrays.

    Returns:
        ``phi_lin(w, x)``, with the output's shape and dtype of ``phi``. ``w`` must have the tree, shapes and
        dtypes of ``w0``.

    Raises:
        TypeError: ``w0`` or ``w`` holds something other than float arrays, or the dtypes differ.
        ValueError: ``w0`` is empty or not finite, or the tree or shapes of ``w`` differ.

    Example:
        >>> import jax.numpy as jnp
        >>> phi_lin = linearize(lambda w, x: w**2 * x, jnp.array(3.0))
        >>> float(phi_lin(jnp.array(4.0), jnp.array(2.0)))  # 9·2 + 2·3·(4 − 3)·2
        30.0

    References:
        Jacot, Gabriel & Hongler (2018); Petersen & Zech (2024), chapter on wide networks.
    """
    _checks.model(phi)
    _checks.parameters("w0", w0)

    def phi_lin(w: Any, x: Any) -> jax.Array:
        _checks.same_parameters("w", w, w0)
        direction = jax.tree.map(jnp.subtract, w, w0)
        value, derivative = jax.jvp(lambda p: phi(p, x), (w0,), (direction,))
        return value + derivative

    return phi_lin


def taylor_expand(phi: _checks.Model, w0: Any, order: int) -> _checks.Model:
    r"""Taylor expansion of any order of a model in its parameters.

    ``eq-taylor``: Φ_k(x, w) = Σ_{j≤k} (1/j!) dʲ/dtʲ Φ(x, w0 + t(w − w0)) at t = 0.

    The derivatives along the line from w0 to w come from nested forward-mode differentiation, whose cost
    doubles with each order.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The point of expansion, a pytree of float arrays.
        order: The order k = 0, 1, 2, …; order 1 is :func:`linearize`.

    Returns:
        ``phi_k(w, x)``, with the output's shape and dtype of ``phi``.

    Raises:
        TypeError: ``order`` is not a whole number; otherwise as :func:`linearize`.
        ValueError: ``order`` is negative; otherwise as :func:`linearize`.

    Example:
        >>> import jax.numpy as jnp
        >>> phi_2 = taylor_expand(lambda w, x: w**2 * x, jnp.array(3.0), order=2)
        >>> float(phi_2(jnp.array(4.0), jnp.array(2.0)))  # exact: the model is quadratic in w
        32.0
    """
    _checks.model(phi)
    _checks.parameters("w0", w0)
    order = _checks.count("order", order)

    def phi_k(w: Any, x: Any) -> jax.Array:
        _checks.same_parameters("w", w, w0)

        def along_line(t: jax.Array) -> tuple[jax.Array, ...]:
            return (phi(jax.tree.map(lambda p0, p: p0 + t.astype(p0.dtype) * (p - p0), w0, w), x),)

        derivatives = along_line
        for _ in range(order):
            derivatives = _append_derivative(derivatives)
        # t is 0 and its tangent 1, both exact in float32, whatever the dtype of the parameters
        terms = derivatives(jnp.zeros((), jnp.float32))
        return sum((term / math.factorial(j) for j, term in enumerate(terms[1:], 1)), start=terms[0])

    return phi_k


def _append_derivative(series: Any) -> Any:
    """From t ↦ (g, g′, …, g⁽ʲ⁾) to t ↦ (g, g′, …, g⁽ʲ⁺¹⁾)."""

    def longer(t: jax.Array) -> tuple[jax.Array, ...]:
        values, tangents = jax.jvp(series, (t,), (jnp.ones_like(t),))
        return (*values, tangents[-1])

    return longer
