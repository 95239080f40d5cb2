"""The kernels of infinitely wide networks: of the Gaussian process at initialization, and of its tangents."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ntklib import _checks
from ntklib.blocks import check_destination, fill

__all__ = ["InfiniteKernels", "infinite_kernels"]

_NODES = 256  # of Gauss–Hermite quadrature; even, so that none falls on a kink at 0


class InfiniteKernels(NamedTuple):
    """Both kernels of an infinitely wide network.

    Attributes:
        nngp: Σ, the covariance of the outputs at initialization, (m1, m2).
        ntk: Θ, the limit of the empirical tangent kernel, (m1, m2).
    """

    nngp: jax.Array
    ntk: jax.Array


def infinite_kernels(
    X1: jax.Array,
    X2: jax.Array | None = None,
    *,
    depth: int,
    activation: str | Callable[[jax.Array], jax.Array] = "relu",
    weight_std: float = 1.0,
    bias_std: float = 0.0,
    block_size: int | None = None,
    out: InfiniteKernels | None = None,
    resume: bool = False,
    progress: bool = False,
) -> InfiniteKernels:
    r"""The kernels of a fully connected network with infinitely wide hidden layers.

    The network is :func:`ntklib.mlp` in the NTK parametrization: z = weight_std/√fan_in · W a + bias_std · b, all
    entries of W and b ~ N(0, 1). ``eq-nngp-recursion``: Σ⁰(x, x') = weight_std² ⟨x, x'⟩/d + bias_std²,

        Σ^{l+1}(x, x') = weight_std² E[σ(u) σ(v)] + bias_std²,    (u, v) ~ N(0, Σ^l between x and x').

    ``eq-ntk-recursion``: Θ⁰ = Σ⁰,

        Θ^{l+1}(x, x') = Σ^{l+1}(x, x') + weight_std² E[σ'(u) σ'(v)] Θ^l(x, x').

    With q and q' the variances of u and v, c their covariance, ρ = c/√(q q') and θ = arccos ρ,

    - ``"relu"``, ``eq-relu-moments``: E[σσ] = (√(q q') sin θ + (π − θ) c)/2π and E[σ'σ'] = (π − θ)/2π. The angle is
      followed from layer to layer without cancellation, and good to rounding also near 0 and π;
    - ``"erf"``, ``eq-erf-moments``: E[σσ] = 2/π · arcsin(2c/√((1 + 2q)(1 + 2q'))) and
      E[σ'σ'] = 4/π / √((1 + 2q)(1 + 2q') − 4c²);
    - ``"identity"``: E[σσ] = c and E[σ'σ'] = 1;
    - any function, ``eq-hermite-series``: E[σσ] = Σ_k s_k(q) s_k(q') ρ^k, where s_k(q) = E[σ(√q z) h_k(z)] for
      z ~ N(0, 1) and the normalized Hermite polynomial h_k, by Gauss–Hermite quadrature with 256 nodes; and E[σ'σ']
      alike. In float64 the error is below 1e-6 for tanh while q ≤ 5, for gelu while q ≤ 15 and for softplus while
      q ≤ 30; it grows with q, because σ(√q z) then bends sharply. A kink costs more. For ``|z|``, E[σσ] is off by up to
      2e-3 √(q q') and E[σ'σ'], near ρ = ±1, by up to 2e-2; for a kink away from 0, as of the hard tanh, E[σ'σ'] is off
      by up to 1e-1.

    Both kernels can be differentiated in the inputs, and no gradient is NaN. Where a kernel has a kink, the gradient is
    one of those on both sides or between them: for ReLU, E[σ'σ'] at x' = ±x moves as if θ stood still, which is its
    derivative wherever x and x' move together; and at an input 0 without bias θ counts as π/2. The gradient of the ntk
    of a function takes its second derivative.

    Args:
        X1: Inputs, (m1, d).
        X2: Inputs, (m2, d); None for X1, and then both kernels are symmetric to the last bit.
        depth: The number of hidden layers. Without any, both kernels are Σ⁰.
        activation: ``"relu"``, ``"erf"``, ``"identity"``, or a function of one number that JAX can differentiate.
        weight_std: The standard deviation of the weights, before the scaling by the width.
        bias_std: The standard deviation of the biases.
        block_size: The kernels are computed in blocks of at most this many rows and columns; otherwise all entries pass
            through the layers at once, with several more arrays of the result's shape.
        out: Two NumPy arrays of the results' shape and dtype (memmaps, say), ``InfiniteKernels(nngp=…, ntk=…)``, that
            the blocks are written into and that are returned. They are filled with NaN first.
        resume: Keep the blocks of ``out`` that hold no NaN: go on where an earlier call was interrupted.
        progress: Show a progress bar over the blocks (needs tqdm).

    Returns:
        The :class:`InfiniteKernels`, of one output (several outputs are independent and have the same), in the dtype
        of X1. No factor beside those above.

    Raises:
        TypeError: An input is not a float array, ``depth`` is not a whole number, ``weight_std`` or ``bias_std`` not a
            number, ``activation`` neither a name nor a function, or it does not keep the dtype.
        ValueError: An input is not of shape (m, d), is empty or not finite, X2 is unlike X1, ``depth`` or ``bias_std``
            is negative, ``weight_std`` not above 0, a name is unknown, ``activation`` does not return one number,
            ``out`` has another shape, or an option does not go with another.

    Example:
        >>> import jax.numpy as jnp
        >>> nngp, ntk = infinite_kernels(jnp.array([[1.0], [-1.0]]), depth=1, weight_std=2.0)
        >>> nngp.tolist(), ntk.tolist()
        ([[8.0, 0.0], [0.0, 8.0]], [[16.0, 0.0], [0.0, 16.0]])

    References:
        Williams (1997), erf; Cho & Saul (2009), ReLU; Lee et al. (2018), nngp; Jacot, Gabriel & Hongler (2018) and
        Lee et al. (2019), ntk.
    """
    depth = _checks.count("depth", depth)
    weight_std = _checks.positive("weight_std", weight_std)
    bias_std = _checks.not_negative("bias_std", bias_std)
    _check_inputs("X1", X1)
    if X2 is not None:
        _check_inputs("X2", X2)
        if X2.shape[1] != X1.shape[1]:
            raise ValueError(f"X2: expected d = {X1.shape[1]} numbers an input as in X1, got {X2.shape[1]}")
        if X2.dtype != X1.dtype:
            raise TypeError(f"X2: expected dtype {X1.dtype} as in X1, got {X2.dtype}")
    _check_activation(activation, X1.dtype)
    like: Any = jax.ShapeDtypeStruct((len(X1), len(X1 if X2 is None else X2)), X1.dtype)
    result = InfiniteKernels(like, like)
    check_destination(block_size, out, resume, progress, result)
    if block_size is None and out is None:
        return _kernels(X1, X2, depth, activation, weight_std, bias_std)
    if out is not None and any(isinstance(X, jax.core.Tracer) for X in (X1, X2)):
        raise TypeError("out: a NumPy array cannot be written under jit, vmap or grad")

    def block(rows: slice, columns: slice | None) -> InfiniteKernels:
        second = X1 if X2 is None else X2
        return _kernels(X1[rows], None if columns is None else second[columns], depth, activation, weight_std, bias_std)

    kernels: InfiniteKernels = fill(block, result, block_size or max(like.shape), X2 is None, out, resume, progress)
    return kernels


def _check_inputs(name: str, X: Any) -> None:
    _checks.batch(name, X)
    _checks.finite_array(name, X)
    if len(X.shape) != 2 or X.shape[1] == 0:
        raise ValueError(f"{name}: expected flat inputs, of shape (m, d), got shape {X.shape}")


def _check_activation(activation: Any, dtype: Any) -> None:
    if isinstance(activation, str):
        if activation not in _MOMENTS:
            raise ValueError(f"activation: expected one of {sorted(_MOMENTS)} or a function, got {activation!r}")
        return
    _checks.function("activation", activation, "z")
    value = jax.eval_shape(activation, jax.ShapeDtypeStruct((), dtype))
    if getattr(value, "shape", None) != ():
        raise ValueError(f"activation: expected one number for one number, got {value}")
    if value.dtype != dtype:
        raise TypeError(f"activation: expected dtype {dtype} for {dtype}, got {value.dtype}")


class _Pairs(NamedTuple):
    """Centred Gaussian pairs (u, v), one for each two inputs."""

    q1: jax.Array  # variances of u, (m1, 1)
    q2: jax.Array  # variances of v, (1, m2)
    c: jax.Array  # covariances, (m1, m2)
    sine: jax.Array | None  # of the angle, (m1, m2), where the activation takes it


class _Moments(NamedTuple):
    """What a layer does to pairs (u, v)."""

    first: jax.Array  # E[σ(u)²], (m1, 1)
    second: jax.Array  # E[σ(v)²], (1, m2)
    product: jax.Array  # E[σ(u)σ(v)], (m1, m2)
    slope: jax.Array  # E[σ'(u)σ'(v)], (m1, m2)
    gap: jax.Array | None = None  # √(first · second) − product without cancellation, where there is a sine


@partial(jax.jit, static_argnums=(2, 3))
def _kernels(X1: jax.Array, X2: jax.Array | None, depth: int, activation: Any, s: Any, b: Any) -> InfiniteKernels:
    moments = _MOMENTS[activation] if isinstance(activation, str) else partial(_function, activation)

    def layer(_: Any, state: tuple[_Pairs, jax.Array]) -> tuple[_Pairs, jax.Array]:
        pairs, ntk = state
        after = moments(pairs)
        pairs = _Pairs(
            s**2 * after.first + b**2,
            s**2 * after.second + b**2,
            s**2 * after.product + b**2,
            None if after.gap is None else _next_sine(after, s, b),
        )
        return pairs, pairs.c + s**2 * after.slope * ntk

    # with Z = (s X/√d, b), of which Σ⁰ = Z Zᵀ
    Z1, Z2 = (
        jnp.pad(s / math.sqrt(X.shape[1]) * X, ((0, 0), (0, 1)), constant_values=b)
        for X in (X1, X1 if X2 is None else X2)
    )
    q1, q2 = jnp.sum(Z1**2, 1)[:, None], jnp.sum(Z2**2, 1)[None, :]
    c = jnp.matmul(Z1, Z2.T, precision=jax.lax.Precision.HIGHEST)
    pairs = _Pairs(q1, q2, c, _first_sine(Z1, Z2, c) if activation == "relu" else None)
    pairs, ntk = jax.lax.fori_loop(0, depth, layer, (pairs, c))
    nngp, ntk = (K if X2 is not None else jnp.triu(K) + jnp.triu(K, 1).T for K in (pairs.c, ntk))
    return InfiniteKernels(nngp, ntk)


def _root(x: jax.Array) -> jax.Array:
    """√x, with the derivative 0 at 0."""
    return jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1)), 0)


def _sine(square: jax.Array) -> jax.Array:
    """sin θ from sin² θ; what rounding alone may have put between parallel inputs is 0, so that it has no direction."""
    return _root(jnp.where(square > (8 * jnp.finfo(square.dtype).eps) ** 2, square, 0))


def _unless_zero(x: jax.Array) -> jax.Array:
    """A divisor: x, and 1 in place of 0."""
    return jnp.where(x > 0, x, 1)


def _first_sine(Z1: jax.Array, Z2: jax.Array, c: jax.Array) -> jax.Array:
    """sin θ from the distance of unit vectors: sin² θ = δ(2 − δ) for δ = |e ∓ e'|²/2 = 1 ∓ cos θ, the smaller one."""
    e1, e2 = (Z / _unless_zero(_root(jnp.sum(Z**2, 1, keepdims=True))) for Z in (Z1, Z2))

    @jax.checkpoint  # a row at a time, also backwards: (m1, m2, d) is never formed
    def row(row: tuple[jax.Array, jax.Array]) -> jax.Array:
        e, c = row
        return jnp.sum((e[None, :] - jnp.where(c < 0, -1, 1).astype(c.dtype)[:, None] * e2) ** 2, 1) / 2

    delta = jax.lax.map(row, (e1, c))
    return _sine(delta * (2 - delta))


def _next_sine(after: _Moments, s: Any, b: Any) -> jax.Array:
    """sin θ after the weights and the biases, a sum of terms that are not negative.

    With A = s²E[σ(u)²], A' = s²E[σ(v)²] and G = √(AA') − s²E[σ(u)σ(v)], the determinant of the covariance is

        (A + b²)(A' + b²) − (√(AA') − G + b²)² = G (2√(AA') − G) + b² ((√A − √A')² + 2G).
    """
    a1, a2, G = s * _root(after.first), s * _root(after.second), s**2 * after.gap
    g = _unless_zero(_root(a1**2 + b**2) * _root(a2**2 + b**2))
    return _sine(G / g * ((2 * a1 * a2 - G) / g) + b**2 / g * (((a1 - a2) ** 2 + 2 * G) / g))


def _relu(pairs: _Pairs) -> _Moments:
    q1, q2, c, sine = pairs
    assert sine is not None
    g = _root(q1) * _root(q2)
    sine = jnp.where(g > 0, sine, 1)
    theta = jnp.arctan2(sine, c / _unless_zero(g))
    product = (g * sine + (jnp.pi - theta) * c) / (2 * jnp.pi)
    slope = (jnp.pi - theta) / (2 * jnp.pi)
    gap = g * ((jnp.pi - theta) * 2 * jnp.sin(theta / 2) ** 2 + theta - jnp.sin(theta)) / (2 * jnp.pi)
    return _Moments(q1 / 2, q2 / 2, product, slope, gap)


def _erf(pairs: _Pairs) -> _Moments:
    q1, q2, c, _ = pairs
    # at least 1 + 2(q + q'), and only rounding makes it less; arctan2 because arcsin has no derivative at 1
    root = jnp.sqrt(jnp.maximum((1 + 2 * q1) * (1 + 2 * q2) - 4 * c**2, 1 + q1 + q2))
    first, second = (2 / jnp.pi * jnp.arctan2(2 * q, jnp.sqrt(1 + 4 * q)) for q in (q1, q2))
    return _Moments(first, second, 2 / jnp.pi * jnp.arctan2(2 * c, root), 4 / jnp.pi / root)


def _identity(pairs: _Pairs) -> _Moments:
    return _Moments(pairs.q1, pairs.q2, pairs.c, jnp.ones_like(pairs.c))


def _function(sigma: Callable[[jax.Array], jax.Array], pairs: _Pairs) -> _Moments:
    q1, q2, c, _ = pairs
    rho = c / _unless_zero(_root(q1) * _root(q2))
    (s1, s2), (d1, d2) = ([_coefficients(f, q) for q in (q1, q2)] for f in (sigma, jax.grad(sigma)))
    first, second = jnp.sum(s1**2, 0)[:, None], jnp.sum(s2**2, 0)[None, :]
    # Σ_{k≥1} s_k s_k' ρ^k as c Σ_{k≥1} (s_k/√q)(s_k'/√q') ρ^{k−1}, smooth also at q = 0, where s_k/√q is σ'(0) or 0
    r1, r2 = (
        jnp.where(q > 0, s[1:] / _unless_zero(_root(q)), jnp.zeros_like(s[1:]).at[0].set(d[0]))
        for q, s, d in ((q1.T, s1, d1), (q2, s2, d2))
    )
    return _Moments(first, second, jnp.outer(s1[0], s2[0]) + c * _series(r1, r2, rho), _series(d1, d2, rho))


def _coefficients(f: Callable[[jax.Array], jax.Array], q: jax.Array) -> jax.Array:
    """E[f(√q z) h_k(z)], (nodes, m): row k for each of the m variances q."""
    z, H = (jnp.asarray(value, q.dtype) for value in _hermite(_NODES))
    values = jax.vmap(jax.vmap(f))(z[:, None] * _root(q.reshape(1, -1)))
    return jnp.matmul(H, values, precision=jax.lax.Precision.HIGHEST)


@cache
def _hermite(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """The nodes z_i of Gauss–Hermite quadrature for N(0, 1), and its weights times h_k(z_i), (nodes, nodes)."""
    z = np.linalg.eigvalsh(np.diag(np.sqrt(np.arange(1.0, nodes)), -1))
    z = (z - z[::-1]) / 2  # symmetric about 0
    h = [np.ones(nodes), z]
    for k in range(1, nodes - 1):
        h.append((z * h[k] - math.sqrt(k) * h[k - 1]) / math.sqrt(k + 1))
    H = np.stack(h)
    return z, H / np.sum(H**2, 0)


@jax.checkpoint  # backwards, one layer's partial sums at a time
def _series(a1: jax.Array, a2: jax.Array, rho: jax.Array) -> jax.Array:
    """Σ_k a1_k a2_k ρ^k for each pair, by Horner's rule."""

    def step(total: jax.Array, a: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        return total * rho + jnp.outer(*a), None

    return jax.lax.scan(step, jnp.zeros_like(rho), (a1, a2), reverse=True)[0]


_MOMENTS: dict[str, Callable[[_Pairs], _Moments]] = {"erf": _erf, "identity": _identity, "relu": _relu}
