"""The empirical tangent kernel, from the Jacobian of one parameter leaf at a time."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp

from ntklib import _checks

__all__ = ["empirical_kernel"]

Outputs = Literal["full", "trace", "diagonal"]

_OUTPUTS = ("full", "trace", "diagonal")


def empirical_kernel(
    phi: _checks.Model, w0: Any, X1: jax.Array, X2: jax.Array | None = None, *, outputs: Outputs = "full"
) -> jax.Array:
    r"""The empirical tangent kernel of a model at w0.

    ``eq-kernel``: K_n(x, x') = ⟨∇_wΦ(x, w0), ∇_wΦ(x', w0)⟩, and for o outputs the matrix
    K_ab(x, x') = ⟨∇_wΦ_a(x, w0), ∇_wΦ_b(x', w0)⟩. No factor: neither 1/n nor 1/o.

    The Jacobian of one leaf of ``w0`` is formed at a time, (m1 + m2)·o·(numbers in the leaf) of memory; on
    accelerators the products run at full precision.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        X1: Inputs, shape (m1, …).
        X2: Inputs, shape (m2, …); X1 when left out, and then the kernel is symmetric to the last bit.
        outputs: ``"full"`` for all pairs of outputs, ``"trace"`` for Σ_a K_aa (the sum, not the mean),
            ``"diagonal"`` for K_aa alone.

    Returns:
        Shape (m1, m2, o, o), (m1, m2) or (m1, m2, o) for ``"full"``, ``"trace"``, ``"diagonal"``; (m1, m2) in
        all three for a scalar model. The dtype is that of the model's output.

    Raises:
        TypeError: ``w0`` is not made of float arrays, or X1 or X2 is not an array.
        ValueError: An input batch is empty, X1 and X2 hold inputs of different shapes or dtypes, ``w0`` is not finite,
            or ``outputs`` is unknown.

    Example:
        >>> import jax.numpy as jnp
        >>> empirical_kernel(lambda w, x: w @ x, jnp.ones(2), jnp.array([[3.0, 4.0], [0.0, 1.0]])).tolist()
        [[25.0, 4.0], [4.0, 1.0]]

    References:
        Jacot, Gabriel & Hongler (2018); Novak, Sohl-Dickstein & Schoenholz (2022) on ways to compute it.
    """
    if outputs not in _OUTPUTS:
        raise ValueError(f"outputs: expected one of {_OUTPUTS}, got {outputs!r}")
    value = _checks.problem(phi, w0, X1, name="X1")
    if X2 is not None:
        _checks.batch("X2", X2)
        if X2.shape[1:] != X1.shape[1:] or X2.dtype != X1.dtype:
            raise ValueError(
                f"X2: expected inputs like those of X1, {X1.dtype}{X1.shape[1:]}, got {X2.dtype}{X2.shape[1:]}"
            )
    K = None
    for leaf, p in enumerate(jax.tree.leaves(w0)):  # each adds to the sum so far: one Jacobian in memory at a time
        if p.size:
            K = _add_leaf(phi, w0, X1, X2, leaf, outputs, K)
    return _arrange(K, len(X1), value.shape, outputs, symmetric=X2 is None)


@partial(jax.jit, static_argnames=("phi", "leaf", "outputs"))
def _add_leaf(
    phi: _checks.Model,
    w0: Any,
    X1: jax.Array,
    X2: jax.Array | None,
    leaf: int,
    outputs: Outputs,
    K: jax.Array | None,
) -> jax.Array:
    """K plus the inner products over one leaf: (m1·o, m2·o) for "full", (m1, m2) for "trace", (o, m1, m2)."""
    leaves: list[jax.Array]
    tree: Any
    leaves, tree = jax.tree.flatten(w0)

    def jacobian(X: jax.Array) -> jax.Array:  # (m, o, numbers in the leaf)
        def of_leaf(p: jax.Array, x: jax.Array) -> jax.Array:
            return jnp.atleast_1d(phi(tree.unflatten([*leaves[:leaf], p, *leaves[leaf + 1 :]]), x))

        J = jax.vmap(jax.jacrev(of_leaf), (None, 0))(leaves[leaf], X)
        return J.reshape(*J.shape[:2], -1)

    J1 = jacobian(X1)
    J2 = J1 if X2 is None else jacobian(X2)
    m1, o, numbers = J1.shape
    if outputs == "full":
        J1, J2 = J1.reshape(m1 * o, numbers), J2.reshape(-1, numbers)
    elif outputs == "trace":
        J1, J2 = J1.reshape(m1, o * numbers), J2.reshape(-1, o * numbers)
    else:
        J1, J2 = J1.swapaxes(0, 1), J2.swapaxes(0, 1)
    dtype = jax.eval_shape(phi, w0, X1[0]).dtype
    product = jnp.matmul(J1, J2.mT, precision=jax.lax.Precision.HIGHEST).astype(dtype)
    return product if K is None else K + product


@partial(jax.jit, static_argnames=("m1", "output_shape", "outputs", "symmetric"))
def _arrange(K: jax.Array, m1: int, output_shape: tuple[int, ...], outputs: Outputs, symmetric: bool) -> jax.Array:
    """The sum over the leaves in the shape that the caller gets."""
    if symmetric:  # a matrix product rounds the two triangles differently
        K = jnp.tril(K) + jnp.tril(K, -1).mT
    if output_shape == ():
        return K.reshape(m1, -1)
    if outputs == "full":
        return K.reshape(m1, *output_shape, -1, *output_shape).swapaxes(1, 2)
    if outputs == "diagonal":
        return jnp.moveaxis(K, 0, -1)
    return K
