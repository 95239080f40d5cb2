"""Products of the kernel with vectors, without the kernel, and a preconditioner for systems solved with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ntklib import _checks

__all__ = ["kernel_operator", "nystrom_preconditioner"]

Operator = Callable[[jax.Array], jax.Array]


def kernel_operator(phi: _checks.Model, w0: Any, X1: Any, X2: Any = None, *, block_size: int | None = None) -> Operator:
    r"""The product of the empirical tangent kernel with a vector; the kernel is never formed.

    ``eq-kernel-operator``: (K_n v)(x) = Σ_j K_n(x, x_j) v_j = ⟨∇_wΦ(x, w0), Σ_j ∇_wΦ(x_j, w0) v_j⟩, one vector-Jacobian
    product over X2 and one Jacobian-vector product over X1. The time is that of a few evaluations of the model on
    X1 and X2, the memory that of one gradient and of the activations of one block.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        X1: Inputs, shape (m1, …).
        X2: Inputs, shape (m2, …); X1 when left out, and then the operator is symmetric up to rounding.
        block_size: The inputs are taken this many at a time. X1 and X2 may then be NumPy arrays that do not fit on the
            device at once (a memmap, say).

    Returns:
        A function of v, shape (m2,) for a scalar model or (m2, o), to K_n v, shape (m1,) or (m1, o), with no factor.
        It can be traced, and so be given to ``jax.scipy.sparse.linalg.cg``. It raises ValueError and TypeError for a v
        of another shape or dtype.

    Raises:
        TypeError: ``w0`` is not made of float arrays, or X1 or X2 is not an array.
        ValueError: An input batch is empty, X1 and X2 hold inputs of different shapes or dtypes, ``w0`` is not finite,
            or ``block_size`` is 0.

    Example:
        >>> import jax.numpy as jnp
        >>> K = kernel_operator(lambda w, x: w @ x, jnp.ones(2), jnp.array([[3.0, 4.0], [0.0, 1.0]]))
        >>> K(jnp.array([1.0, 10.0])).tolist()  # of the kernel [[25, 4], [4, 1]]
        [65.0, 14.0]

    References:
        Novak, Sohl-Dickstein & Schoenholz (2022).
    """
    value = _checks.problem(phi, w0, X1, name="X1")
    if X2 is None:
        X2 = X1
    _checks.same_inputs(X1, X2)
    size = _checks.block_size(block_size)
    expected = (len(X2), *value.shape)

    def product(v: jax.Array) -> jax.Array:
        _checks.float_array("v", v)
        if v.shape != expected:
            raise ValueError(f"v: expected shape {expected}, one number for each input and output, got {v.shape}")
        if v.dtype != value.dtype:
            raise TypeError(f"v: expected dtype {value.dtype} as the model's output, got {v.dtype}")
        tangent = None
        for part in _parts(len(X2), size):
            term = _pull(phi, w0, X2[part], v[part])
            tangent = term if tangent is None else jax.tree.map(jnp.add, tangent, term)
        return jnp.concatenate([_push(phi, w0, X1[part], tangent) for part in _parts(len(X1), size)])

    return product


def _parts(length: int, size: int | None) -> Iterator[slice]:
    size = size or length
    return (slice(start, start + size) for start in range(0, length, size))


@partial(jax.jit, static_argnames="phi")
def _pull(phi: _checks.Model, w0: Any, X: jax.Array, v: jax.Array) -> Any:
    """Jᵀ v, the pytree Σ_j ∇_wΦ(x_j, w0) v_j."""
    with jax.default_matmul_precision("highest"):
        return jax.vjp(lambda w: jax.vmap(phi, (None, 0))(w, X), w0)[1](v)[0]


@partial(jax.jit, static_argnames="phi")
def _push(phi: _checks.Model, w0: Any, X: jax.Array, tangent: Any) -> jax.Array:
    """J t, the numbers ⟨∇_wΦ(x_i, w0), t⟩."""
    with jax.default_matmul_precision("highest"):
        derivative: jax.Array = jax.jvp(lambda w: jax.vmap(phi, (None, 0))(w, X), (w0,), (tangent,))[1]
    return derivative


def nystrom_preconditioner(K: Operator, y: jax.Array, *, rank: int, ridge: float, key: jax.Array) -> Operator:
    r"""A preconditioner for (K + ridge·I) α = y, from ``rank`` products with K.

    ``eq-nystrom``: with an orthonormal Ω of ``rank`` random columns, KΩ (ΩᵀKΩ)⁻¹ (KΩ)ᵀ = UΛUᵀ is below K and close to
    it in the directions of its large eigenvalues, and

        P⁻¹ = (λ + ridge) U (Λ + ridge·I)⁻¹ Uᵀ + I − UUᵀ,    λ the least entry of Λ,

    brings these to the others. A shift by a rounding error keeps the factorization stable.

    Args:
        K: A positive semidefinite operator, as from :func:`kernel_operator` with X2 left out.
        y: The right-hand side, or any array of its shape and dtype.
        rank: The number of products with K, from 1 to the number of entries of y; large enough to see the
            eigenvalues far above ``ridge``.
        ridge: What the system adds to the diagonal, above 0.
        key: A key from ``jax.random.key``.

    Returns:
        The function v ↦ P⁻¹ v, for the argument ``M`` of ``jax.scipy.sparse.linalg.cg``.

    Raises:
        TypeError: y is not a float array, ``rank`` not a whole number, or ``ridge`` not a number.
        ValueError: ``rank`` or ``ridge`` is out of range, or K is not positive semidefinite.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> d = jnp.array([100.0, 1.0, 1.0])
        >>> P = nystrom_preconditioner(lambda v: d * v, d, rank=3, ridge=1.0, key=jax.random.key(0))
        >>> P(d).round(3).tolist()  # (1 + 1) d/(d + 1)
        [1.98, 1.0, 1.0]

    References:
        Frangella, Tropp & Udell (2023).
    """
    _checks.float_array("y", y)
    ridge = _checks.positive("ridge", ridge)
    if not 1 <= _checks.count("rank", rank) <= y.size:
        raise ValueError(f"rank: expected 1 to {y.size}, the entries of y, got {rank}")
    omega = jnp.linalg.qr(jax.random.normal(key, (y.size, rank), y.dtype))[0]
    image = jnp.stack([K(column.reshape(y.shape)).reshape(-1) for column in omega.T], axis=1)
    shift = math.sqrt(y.size) * jnp.finfo(y.dtype).eps * jnp.linalg.norm(image)
    image = image + shift * omega
    with jax.default_matmul_precision("highest"):
        gram = omega.T @ image
        factor = jnp.linalg.cholesky((gram + gram.T) / 2)
        if not bool(jnp.all(jnp.isfinite(factor))):
            raise ValueError("K: expected a positive semidefinite operator, got a product with a negative eigenvalue")
        half = jax.scipy.linalg.solve_triangular(factor, image.T, lower=True).T
    U, singular, _ = jnp.linalg.svd(half, full_matrices=False)
    eigenvalues = jnp.maximum(singular**2 - shift, 0)
    weights = (eigenvalues[-1] + ridge) / (eigenvalues + ridge) - 1

    def apply(v: jax.Array) -> jax.Array:
        flat = v.reshape(-1)
        with jax.default_matmul_precision("highest"):
            return (flat + U @ (weights * (U.T @ flat))).reshape(v.shape)

    return apply
