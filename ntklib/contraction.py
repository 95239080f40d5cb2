"""Inner products of Jacobians of one leaf, from the Jacobians or from their factors."""

from __future__ import annotations

import itertools
import operator
from typing import Any, Literal

import jax
import jax.numpy as jnp

__all__ = ["add_gram", "form", "mirror", "stays_factored"]

Outputs = Literal["full", "trace", "diagonal"]

# a number to memory and back takes about as long as this many multiply-adds
_MOVED = 50
# the lower triangle of a symmetric kernel is computed in strips of about so many multiply-adds, and in at most so many
_STRIP, _STRIPS = 2**30, 8

Matrices = tuple[jax.Array, jax.Array]  # A and G of Factors, with the inputs in front


def add_gram(
    K: jax.Array,
    one: Matrices | jax.Array,
    two: Matrices | jax.Array | None,
    outputs: Outputs,
) -> jax.Array:
    """K plus the sum over the numbers of one leaf, ⟨∂Φ_a(x), ∂Φ_b(x')⟩, for two batches of Jacobians.

    ``eq-factored``: with J_agiq = Σ_p A_gpi G_agpq, the sum over i and q is Σ_gpp' (A A'ᵀ)_gpp' (G_a G_b'ᵀ)_gpp'.

    Args:
        K: Shape (1, m1·o, m2·o) for "full", (1, m1, m2) for "trace", (o, m1, m2) for "diagonal".
        one: Jacobians, shape (m1, o, numbers), or their A and G with a leading axis m1.
        two: The same for m2 inputs; ``one`` when None, and then only what ``mirror`` reads is added.
        outputs: As in ``empirical_kernel``.

    Returns:
        The shape and dtype of K.
    """
    if two is not None:
        return K + _product(one, two, outputs).astype(K.dtype)
    derivatives = one[1] if isinstance(one, tuple) else one
    m, o = derivatives.shape[:2]
    rows, positions = o if outputs == "full" else 1, derivatives.shape[3] if isinstance(one, tuple) else 1
    strips = min(m, _STRIPS, max(1, m * rows * positions * derivatives.size // _STRIP))
    for start, end in itertools.pairwise(m * strip // strips for strip in range(strips + 1)):
        strip, before = (jax.tree.map(operator.itemgetter(part), one) for part in (slice(start, end), slice(end)))
        added = _product(strip, before, outputs).astype(K.dtype)
        K = K.at[:, start * rows : end * rows, : end * rows].add(added)
    return K


def mirror(K: jax.Array) -> jax.Array:
    """The symmetric kernel, equal to its transpose to the last bit, from its lower triangle."""
    return jnp.tril(K) + jnp.tril(K, -1).mT


def stays_factored(A: jax.ShapeDtypeStruct, G: jax.ShapeDtypeStruct, m1: int, m2: int, outputs: Outputs) -> bool:
    """``eq-cost-positions``: whether products of A and G, of these shapes for one input, cost less than those of J."""
    (g, p, i), (o, _, _, q) = A.shape, G.shape
    entries = m1 * m2 * {"full": o * o, "trace": 1, "diagonal": o}[outputs]
    depth = o if outputs == "trace" else 1
    factored = g * p**2 * (m1 * m2 * (i + _MOVED) + entries * (depth * q + _MOVED))
    formed = (m1 + m2) * o * g * i * q * (p + _MOVED) + entries * depth * g * i * q
    return factored <= formed


def form(A: jax.Array, G: jax.Array) -> jax.Array:
    """``eq-leaf-jacobian``: J_agqi = Σ_p A_gpi G_agpq for one input, shape (o, numbers)."""
    return jnp.einsum("gpi,ogpq->ogqi", A, G).reshape(len(G), -1)


def _product(first: Any, second: Any, outputs: Outputs) -> jax.Array:
    return (_factored if isinstance(first, tuple) else _plain)(first, second, outputs)


def _factored(first: Matrices, second: Matrices, outputs: Outputs) -> jax.Array:
    m1, o, g, p, _ = first[1].shape
    m2, rows = len(second[0]), o if outputs == "full" else 1
    # two-dimensional products of rows (input, output, position): any other order makes XLA copy the kernel
    A1, A2 = (jnp.moveaxis(A, 1, 0).reshape(g, len(A) * p, -1) for A, _ in (first, second))
    G1, G2 = (_output_rows(G, outputs) for _, G in (first, second))
    A = _products(A1, A2).reshape(1, g, m1, 1, p, m2, 1, p)
    G = _products(G1, G2).reshape(-1, g, m1, rows, p, m2, rows, p)
    return (A * G).sum((1, 4, 7)).reshape(-1, m1 * rows, m2 * rows)


def _plain(first: jax.Array, second: jax.Array, outputs: Outputs) -> jax.Array:
    if outputs == "diagonal":
        return _products(jnp.swapaxes(first, 0, 1), jnp.swapaxes(second, 0, 1))
    o, numbers = first.shape[1:]
    J1, J2 = (J.reshape((len(J) * o, numbers) if outputs == "full" else (len(J), o * numbers)) for J in (first, second))
    return jnp.expand_dims(_products(J1, J2), 0)


def _output_rows(G: jax.Array, outputs: Outputs) -> jax.Array:
    """(m, o, g, p, q) with the outputs among the rows, among what is summed, or apart."""
    m, o, g, p, q = G.shape
    if outputs == "full":
        return jnp.moveaxis(G, 2, 0).reshape(1, g, m * o * p, q)
    if outputs == "trace":
        return jnp.transpose(G, (2, 0, 3, 1, 4)).reshape(1, g, m * p, o * q)
    return jnp.transpose(G, (1, 2, 0, 3, 4)).reshape(o, g, m * p, q)


def _products(first: jax.Array, second: jax.Array) -> jax.Array:
    """The products of all rows of one matrix with all rows of another."""
    return jnp.einsum("...ai,...bi->...ab", first, second)
