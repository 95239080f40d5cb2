"""What a linearized model predicts once it is trained, in closed form from its kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ntklib import _checks

__all__ = ["Prediction", "gradient_flow", "predict_linearized"]

# From the eigenvalues λ of K: the share of the residual that is left, 1 − λ g(λ), and the share learnt, λ g(λ)
SpectralFilter = Callable[[jax.Array], tuple[jax.Array, jax.Array]]


class Prediction(NamedTuple):
    """Outputs of the trained linearized model.

    Attributes:
        train: On the training inputs, in the shape of y.
        test: On the test inputs, in the shape of phi0_test; None where no test kernel was given.
    """

    train: jax.Array
    test: jax.Array | None


def predict_linearized(
    K: jax.Array,
    y: jax.Array,
    phi0: jax.Array,
    K_test: jax.Array | None = None,
    phi0_test: jax.Array | None = None,
    *,
    step_size: float,
    steps: int | float,
    rcond: float | None = None,
) -> Prediction:
    r"""The linearized model after k steps of gradient descent on f_lin from w0.

    ``eq-closed-form``: with r_0 = Φ(X, w0) − y and g_k(λ) = (1 − (1 − 2hλ)^k)/λ, g_k(0) = 2hk,

        Φ_lin(x, w_k) = Φ(x, w0) − K_n(x, X) g_k(K) r_0.

    The 2 is the gradient's: f_lin is a sum of squares with no ½ and no 1/m. ``steps=math.inf`` is the limit,
    ``eq-limit``, in which g_∞(K) is the pseudoinverse of K; it exists for h < 1/λ_max(K). For finitely
    many steps every h is allowed, since divergence is worth seeing.

    Args:
        K: Kernel of the training inputs, (m, m), or (m, m, o, o) between all outputs. A kernel (m, m) with
            several outputs is the same for each output.
        y: Targets, (m,) or (m, o).
        phi0: Outputs at w0 on the training inputs, in the shape of y.
        K_test: Kernel of the test inputs with the training inputs, (m_test, m) or (m_test, m, o, o).
        phi0_test: Outputs at w0 on the test inputs, (m_test,) or (m_test, o).
        step_size: The step size h > 0.
        steps: The number of steps k, or ``math.inf``.
        rcond: Eigenvalues of K up to rcond · λ_max in size count as zero: there nothing is learnt, and K_test
            vanishes. The default is the size of the matrix times machine epsilon, as in
            ``numpy.linalg.matrix_rank``.

    Returns:
        The :class:`Prediction`, in the dtype of K.

    Raises:
        TypeError: An argument is not a float array of K's dtype, ``step_size`` is not a number or ``steps`` not a
            whole number.
        ValueError: The shapes do not fit, an entry is not finite, K is not symmetric, ``step_size`` is not
            above 0, only one of K_test and phi0_test is given, or, in the limit, K has a negative eigenvalue,
            ``step_size`` is not below 1/λ_max(K) or ``rcond`` is negative.

    Example:
        >>> import jax.numpy as jnp
        >>> K, y, phi0 = jnp.array([[2.0, 0.0], [0.0, 1.0]]), jnp.array([1.0, 1.0]), jnp.zeros(2)
        >>> predict_linearized(K, y, phi0, step_size=0.25, steps=1).train.tolist()
        [1.0, 0.5]

    References:
        Lee et al. (2019), equations (8) to (11), there with a loss of ½ Σ r².
    """
    h = _checks.positive("step_size", step_size)
    limit = isinstance(steps, float) and steps == math.inf
    k = 0 if limit else _checks.count("steps", steps)

    def spectral_filter(eigenvalues: jax.Array) -> tuple[jax.Array, jax.Array]:
        if limit:
            largest = eigenvalues[-1]
            if not isinstance(largest, jax.core.Tracer) and h * float(largest) >= 1:
                raise ValueError(
                    f"step_size: expected below 1/λ_max(K) = {1 / float(largest):.6g}, "
                    f"where gradient descent converges, got {h:.6g}"
                )
            return _limit(eigenvalues)
        if k == 0:
            return jnp.ones_like(eigenvalues), jnp.zeros_like(eigenvalues)
        # (1 − 2hλ)^k by its logarithm, so that 1 − (1 − 2hλ)^k keeps its digits for small hλ
        contraction = 1 - 2 * h * eigenvalues
        exponent = float(k) * jnp.where(contraction > 0, jnp.log1p(-2 * h * eigenvalues), jnp.log(-contraction))
        odd = (contraction < 0) & (k % 2 == 1)
        left = jnp.where(odd, -jnp.exp(exponent), jnp.exp(exponent))
        return left, jnp.where(odd, 1 + jnp.exp(exponent), -jnp.expm1(exponent))

    return _predict(K, y, phi0, K_test, phi0_test, spectral_filter, rcond)


def gradient_flow(
    K: jax.Array,
    y: jax.Array,
    phi0: jax.Array,
    K_test: jax.Array | None = None,
    phi0_test: jax.Array | None = None,
    *,
    time: float,
    rcond: float | None = None,
) -> Prediction:
    r"""The linearized model after gradient flow dw/dt = −∇f_lin(w) from w0 for a time t.

    ``eq-flow``: with r_0 = Φ(X, w0) − y and g_t(λ) = (1 − e^(−2λt))/λ, g_t(0) = 2t,

        Φ_lin(x, w(t)) = Φ(x, w0) − K_n(x, X) g_t(K) r_0.

    The 2 is the gradient's: f_lin is a sum of squares with no ½ and no 1/m. ``time=math.inf`` is the limit.

    Args:
        K: As in :func:`predict_linearized`, and so are y, phi0, K_test, phi0_test and rcond.
        y: Targets.
        phi0: Outputs at w0 on the training inputs.
        K_test: Kernel of the test inputs with the training inputs.
        phi0_test: Outputs at w0 on the test inputs.
        time: The time t ≥ 0, or ``math.inf``.
        rcond: Relative size up to which an eigenvalue counts as zero.

    Returns:
        The :class:`Prediction`, in the dtype of K.

    Raises:
        TypeError: An argument is not a float array of K's dtype, or ``time`` is not a number.
        ValueError: As in :func:`predict_linearized`, or ``time`` is negative or NaN.

    Example:
        >>> import jax.numpy as jnp
        >>> K, y, phi0 = jnp.eye(2), jnp.array([1.0, 2.0]), jnp.zeros(2)
        >>> gradient_flow(K, y, phi0, time=float("inf")).train.tolist()
        [1.0, 2.0]
    """
    t = _checks.number("time", time)
    if not t >= 0:
        raise ValueError(f"time: expected a time of at least 0, got {time!r}")

    def spectral_filter(eigenvalues: jax.Array) -> tuple[jax.Array, jax.Array]:
        if t == math.inf:
            return _limit(eigenvalues)
        return jnp.exp(-2 * t * eigenvalues), -jnp.expm1(-2 * t * eigenvalues)

    return _predict(K, y, phi0, K_test, phi0_test, spectral_filter, rcond)


def _limit(eigenvalues: jax.Array) -> tuple[jax.Array, jax.Array]:
    """On the range of K all is learnt, on its kernel nothing."""
    smallest = eigenvalues[0]
    if not isinstance(smallest, jax.core.Tracer) and float(smallest) < 0:
        raise ValueError(f"K: expected a positive semidefinite kernel, got an eigenvalue {float(smallest):.3g}")
    left = (eigenvalues == 0).astype(eigenvalues.dtype)
    return left, 1 - left


def _predict(
    K: jax.Array,
    y: jax.Array,
    phi0: jax.Array,
    K_test: jax.Array | None,
    phi0_test: jax.Array | None,
    spectral_filter: SpectralFilter,
    rcond: float | None,
) -> Prediction:
    """Apply the filter to K and the initial residual; a kernel of all outputs acts on their flat vector."""
    _check_train(K, y, phi0)
    _check_test(K, y, K_test, phi0_test)
    rcond = len(_flat(K)) * float(jnp.finfo(K.dtype).eps) if rcond is None else _checks.not_negative("rcond", rcond)
    with jax.default_matmul_precision("highest"):  # accelerators would round float32 factors
        eigenvalues, Q = jnp.linalg.eigh(_flat(K), symmetrize_input=False)
        zero = jnp.abs(eigenvalues) <= rcond * jnp.max(jnp.abs(eigenvalues))
        left, learnt = spectral_filter(jnp.where(zero, 0, eigenvalues))
        # one column of residuals, or one a output where all outputs have the same kernel
        residual = Q.T @ (phi0 - y).reshape(len(Q), -1)
        train = y + (Q @ (left[:, None] * residual)).reshape(y.shape)
        if K_test is None or phi0_test is None:
            return Prediction(train, None)
        g = jnp.where(zero, 0, learnt / jnp.where(zero, 1, eigenvalues))
        change = _flat(K_test) @ (Q @ (g[:, None] * residual))
        return Prediction(train, phi0_test - change.reshape(phi0_test.shape))


def _flat(K: jax.Array) -> jax.Array:
    """(m1, m2, o, o) as the (m1·o, m2·o) matrix that acts on flattened (m2, o) arrays."""
    if K.ndim == 2:
        return K
    m1, m2, o, _ = K.shape
    return K.swapaxes(1, 2).reshape(m1 * o, m2 * o)


def _check_train(K: jax.Array, y: jax.Array, phi0: jax.Array) -> None:
    for name, value in (("K", K), ("y", y), ("phi0", phi0)):
        _checks.finite_array(name, value)
        if value.dtype != K.dtype:
            raise TypeError(f"{name}: expected the dtype of K, {K.dtype}, got {value.dtype}")
    if y.ndim not in (1, 2) or 0 in y.shape:
        raise ValueError(f"y: expected shape (m,) or (m, o) with at least one target, got {y.shape}")
    if phi0.shape != y.shape:
        raise ValueError(f"phi0: expected the shape of y, {y.shape}, got {phi0.shape}")
    allowed = _kernel_shapes(len(y), y)
    if K.shape not in allowed:
        raise ValueError(f"K: expected shape {' or '.join(map(str, allowed))} to fit y, got {K.shape}")
    if not isinstance(K, jax.core.Tracer):
        flat = np.asarray(_flat(jnp.asarray(K)))
        tolerance = len(flat) * float(jnp.finfo(K.dtype).eps) * np.max(np.abs(flat))
        asymmetry = np.max(np.abs(flat - flat.T))
        if asymmetry > tolerance:
            raise ValueError(f"K: expected a symmetric kernel, got one whose two triangles differ by {asymmetry:.3g}")


def _check_test(K: jax.Array, y: jax.Array, K_test: jax.Array | None, phi0_test: jax.Array | None) -> None:
    if K_test is None or phi0_test is None:
        if K_test is not phi0_test:
            missing = "K_test" if K_test is None else "phi0_test"
            raise ValueError(f"{missing}: expected with the other of K_test and phi0_test, got None")
        return
    for name, value in (("K_test", K_test), ("phi0_test", phi0_test)):
        _checks.finite_array(name, value)
        if value.dtype != K.dtype:
            raise TypeError(f"{name}: expected the dtype of K, {K.dtype}, got {value.dtype}")
    if phi0_test.ndim != y.ndim or phi0_test.shape[1:] != y.shape[1:] or len(phi0_test) == 0:
        raise ValueError(
            f"phi0_test: expected shape (m_test, …) with outputs as in y, {y.shape}, got {phi0_test.shape}"
        )
    expected = (len(phi0_test), *K.shape[1:])
    if K_test.shape != expected:
        raise ValueError(f"K_test: expected shape {expected} to fit phi0_test and K, got {K_test.shape}")


def _kernel_shapes(m: int, y: jax.Array) -> list[tuple[int, ...]]:
    return [(m, m)] if y.ndim == 1 else [(m, m), (m, m, y.shape[1], y.shape[1])]
