"""Three ways to compute the kernel between two batches: from factors, from Jacobians, from products with vectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ntklib import _checks
from ntklib.contraction import Outputs, add_gram, form, mirror, stays_factored
from ntklib.structure import Factors, factorize

__all__ = ["jacobian", "structured", "vector_product"]


# a processor's cache holds about this many numbers
_CACHED = 2**19


@partial(jax.jit, static_argnames=("phi", "outputs"))
def structured(phi: _checks.Model, w0: Any, X1: jax.Array, X2: jax.Array | None, outputs: Outputs) -> jax.Array:
    """From the factors of each leaf where its uses allow it, from its Jacobian elsewhere.

    Of the products of factors and the Jacobian formed from them, the one that costs less at these shapes is taken.
    """
    value = jax.eval_shape(phi, w0, X1[0])
    m1, m2 = len(X1), len(X1 if X2 is None else X2)

    def arranged(part: Factors | jax.Array) -> tuple[jax.Array, jax.Array] | jax.Array:
        """What is multiplied: A and G, or the Jacobians."""
        if not isinstance(part, Factors):
            return part
        A, G = jax.eval_shape(
            Factors.matrices, jax.tree.map(lambda v: jax.ShapeDtypeStruct(v.shape[1:], v.dtype), part)
        )
        if stays_factored(A, G, m1, m2, outputs):
            return jax.vmap(Factors.matrices)(part)
        return _map(lambda one: form(*one.matrices()), part, max(2, _CACHED // max(1, A.size)))

    with jax.default_matmul_precision("highest"):
        factors = jax.vmap(partial(factorize, phi, w0))
        first = [arranged(part) for part in factors(X1)]
        second = [None] * len(first) if X2 is None else [arranged(part) for part in factors(X2)]
        K = _zero(value, X1, X2, outputs)
        for one, two in zip(first, second, strict=True):
            # one part after the other: else XLA fuses them into one loop and holds all Jacobians
            K, one, two = jax.lax.optimization_barrier((K, one, two))
            K = add_gram(K, one, two, outputs)
    return _arrange(K, value, X2 is None, outputs)


def _map(function: Callable[[Any], Any], X: Any, inputs: int) -> Any:
    """The function at every input; on a processor at so many at once, so that what it keeps stays in the cache."""
    m = len(jax.tree.leaves(X)[0])
    if m <= inputs or jax.default_backend() != "cpu":
        return jax.vmap(function)(X)
    whole = next((size for size in range(inputs, inputs // 2, -1) if m % size == 0), inputs)  # no rest to compile
    return jax.lax.map(function, X, batch_size=whole)


def jacobian(phi: _checks.Model, w0: Any, X1: jax.Array, X2: jax.Array | None, outputs: Outputs) -> jax.Array:
    """From the Jacobian of one leaf at a time."""
    value = jax.eval_shape(phi, w0, X1[0])
    K = _zero(value, X1, X2, outputs)
    for leaf, p in enumerate(jax.tree.leaves(w0)):  # each adds to the sum so far: one Jacobian in memory at a time
        if p.size:
            K = _add_leaf(phi, w0, X1, X2, leaf, outputs, K)
    return _arrange(K, value, X2 is None, outputs)


@partial(jax.jit, static_argnames=("phi", "leaf", "outputs"))
def _add_leaf(
    phi: _checks.Model,
    w0: Any,
    X1: jax.Array,
    X2: jax.Array | None,
    leaf: int,
    outputs: Outputs,
    K: jax.Array,
) -> jax.Array:
    """K plus the inner products over one leaf, as ``add_gram``."""
    leaves: list[jax.Array]
    tree: Any
    leaves, tree = jax.tree.flatten(w0)

    def jacobian_of_leaf(X: jax.Array) -> jax.Array:  # (m, o, numbers in the leaf)
        def of_leaf(p: jax.Array, x: jax.Array) -> jax.Array:
            return jnp.atleast_1d(phi(tree.unflatten([*leaves[:leaf], p, *leaves[leaf + 1 :]]), x))

        J = jax.vmap(jax.jacrev(of_leaf), (None, 0))(leaves[leaf], X)
        return J.reshape(*J.shape[:2], -1)

    with jax.default_matmul_precision("highest"):
        return add_gram(K, jacobian_of_leaf(X1), None if X2 is None else jacobian_of_leaf(X2), outputs)


def _zero(value: jax.ShapeDtypeStruct, X1: jax.Array, X2: jax.Array | None, outputs: Outputs) -> jax.Array:
    """What the leaves are added to, in the shape of ``add_gram``."""
    o, m1, m2 = value.size, len(X1), len(X1 if X2 is None else X2)
    shape = {"full": (1, m1 * o, m2 * o), "trace": (1, m1, m2), "diagonal": (o, m1, m2)}[outputs]
    return jnp.zeros(shape, value.dtype)


@partial(jax.jit, static_argnames=("value", "symmetric", "outputs"))
def _arrange(K: jax.Array, value: jax.ShapeDtypeStruct, symmetric: bool, outputs: Outputs) -> jax.Array:
    """The sum over the leaves in the shape that the caller gets."""
    K = mirror(K) if symmetric else K
    if value.shape == ():
        return K[0]
    if outputs == "full":
        (o,) = value.shape
        return K.reshape(K.shape[1] // o, o, -1, o).swapaxes(1, 2)
    return jnp.moveaxis(K, 0, -1) if outputs == "diagonal" else K[0]


@partial(jax.jit, static_argnames=("phi", "outputs"))
def vector_product(phi: _checks.Model, w0: Any, X1: jax.Array, X2: jax.Array | None, outputs: Outputs) -> jax.Array:
    """Column by column, the products J(x1) (J_b(x2)ᵀ) of each x1 with the gradient at one x2."""
    value = jax.eval_shape(phi, w0, X1[0])
    m, o = len(X1), math.prod(value.shape)

    def model(w: Any, x: jax.Array) -> jax.Array:
        return jnp.atleast_1d(phi(w, x))

    def column(x2: jax.Array, rows: jax.Array) -> jax.Array:
        """K(x1, x2) for some rows x1 of X1, shape (rows, o, o), (rows,) or (rows, o)."""
        _, pullback = jax.vjp(lambda w: model(w, x2), w0)

        def of_output(b: jax.Array) -> jax.Array:  # J(x1) J_b(x2)ᵀ
            (tangent,) = pullback(b)

            def push(x1: jax.Array) -> jax.Array:
                def observed(w: Any) -> jax.Array:
                    return model(w, x1) if outputs == "full" else jnp.vdot(b, model(w, x1))

                derivative: jax.Array = jax.jvp(observed, (w0,), (tangent,))[1]
                return derivative

            return jax.vmap(push)(rows)

        columns = jax.vmap(of_output, out_axes=-1)(jnp.eye(o, dtype=value.dtype))
        return columns.sum(-1) if outputs == "trace" else columns

    with jax.default_matmul_precision("highest"):
        if X2 is not None:
            K = jnp.swapaxes(jax.lax.map(lambda x2: column(x2, X1), X2), 0, 1)
        else:  # in column j the rows j, j+1, …, j + m//2, counted around: one of each pair
            index = jnp.add.outer(jnp.arange(m), jnp.arange(m // 2 + 1)) % m
            half = jax.lax.map(lambda of: column(X1[of[0]], X1[of]), index)
            K = jnp.zeros((m, *half.shape[:1], *half.shape[2:]), half.dtype)
            K = K.at[index[:, :1], index].set(_transposed_outputs(half, outputs)).at[index, index[:, :1]].set(half)
            r = o if outputs == "full" else 1  # the rows (input, output), and of those the ones below the diagonal
            row = jnp.arange(m * r).reshape(m, 1, r, 1)
            lower = (row >= row.reshape(1, m, 1, r)).reshape(m, m, *[r] * (K.ndim - 2))
            K = jnp.where(lower, K, _transposed_outputs(jnp.swapaxes(K, 0, 1), outputs))
    return K.reshape(*K.shape[:2], *value.shape * (K.ndim - 2))


def _transposed_outputs(K: jax.Array, outputs: Outputs) -> jax.Array:
    return jnp.swapaxes(K, 2, 3) if outputs == "full" else K
