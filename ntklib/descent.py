"""Gradient descent as it is really run, on any function of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from ntklib import _checks

__all__ = ["Trajectory", "gradient_descent"]


class Trajectory(NamedTuple):
    """What gradient descent leaves behind.

    Attributes:
        w: The last iterate, a pytree like w0.
        loss: f at each iterate from w0 on, shape (steps + 1,).
        record: What ``record(w)`` gave at each iterate, stacked along a first axis of length steps + 1; None
            without a ``record``.
    """

    w: Any
    loss: jax.Array
    record: Any


def gradient_descent(
    f: Callable[[Any], jax.Array],
    w0: Any,
    step_size: float,
    steps: int,
    *,
    record: Callable[[Any], Any] | None = None,
) -> Trajectory:
    r"""Gradient descent with a constant step size.

    ``eq-gradient-descent``: w_{k+1} = w_k − h ∇f(w_k). Nothing is divided by the number of examples, and the
    gradient of a sum of squares carries its factor 2. A step size that is too large diverges, as it should.

    Args:
        f: The function to descend, a scalar; such as :func:`loss` or :func:`linear_loss` give.
        w0: The first iterate, a pytree of float arrays.
        step_size: The step size h > 0.
        steps: The number of steps k = 0, 1, 2, …
        record: A function of the parameters whose values along the way are wanted.

    Returns:
        The :class:`Trajectory`.

    Raises:
        TypeError: ``f`` or ``record`` is not a hashable function, ``w0`` is not made of float arrays, or ``steps``
            is not a whole number.
        ValueError: ``w0`` is empty or not finite, ``step_size`` not above 0, ``steps`` negative, or f is not one
            real scalar.

    Example:
        >>> import jax.numpy as jnp
        >>> gradient_descent(lambda w: w**2, jnp.array(1.0), step_size=0.25, steps=2).loss.tolist()
        [1.0, 0.25, 0.0625]
    """
    _checks.function("f", f, "w")
    if record is not None:
        _checks.function("record", record, "w")
    _checks.parameters("w0", w0)
    steps = _checks.count("steps", steps)
    step_size = _checks.positive("step_size", step_size)
    value: Any = jax.eval_shape(f, w0)
    is_scalar = isinstance(value, jax.ShapeDtypeStruct) and value.shape == ()
    if not (is_scalar and jnp.issubdtype(value.dtype, jnp.floating)):
        raise ValueError(f"f: expected one real scalar as output, got {value}")
    return _descend(f, w0, step_size, steps, record)


@partial(jax.jit, static_argnames=("f", "steps", "record"))
def _descend(
    f: Callable[[Any], jax.Array], w0: Any, step_size: float, steps: int, record: Callable[[Any], Any] | None
) -> Trajectory:
    def step(state: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], tuple[jax.Array, Any]]:
        w, gradient = state  # the step comes first, from a gradient of 0, so that the last w is recorded too
        w = jax.tree.map(lambda p, g: p - step_size * g, w, gradient)
        value, gradient = jax.value_and_grad(f)(w)
        seen = None if record is None else jax.tree.map(jnp.asarray, record(w))
        return (w, gradient), (value, seen)

    w0 = jax.tree.map(jnp.asarray, w0)
    (w, _), (values, recorded) = jax.lax.scan(step, (w0, jax.tree.map(jnp.zeros_like, w0)), length=steps + 1)
    return Trajectory(w, values, recorded)
