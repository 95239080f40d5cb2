"""infinite_kernels against the reference, the recursion by plain quadrature, sampling, and networks of finite width."""

import json
import math
from functools import partial

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import assert_close
from hypothesis import given
from hypothesis import strategies as st

from ntklib import InfiniteKernels, empirical_kernel, infinite_kernels, mlp

gelu = partial(jax.nn.gelu, approximate=False)
ACTIVATIONS = {"relu": "relu", "erf": "erf", "identity": "identity", "tanh": jnp.tanh, "cos": jnp.cos}
REFERENCE = np.load(cases.REFERENCE / "infinite.npz")
NETWORKS = {network["name"]: network for network in json.loads(str(REFERENCE["meta"]))}


def inputs(m: int, d: int = 3, seed: int = 0) -> jax.Array:
    return jnp.asarray(np.random.default_rng(seed).normal(size=(m, d)))


def entry(x, y, **options) -> jax.Array:
    """Σ(x, x') and Θ(x, x')."""
    return jnp.stack(infinite_kernels(x[None], y[None], **options))[:, 0, 0]


@pytest.fixture(params=ACTIVATIONS.values(), ids=ACTIVATIONS)
def activation(request):
    return request.param


# Values


def of_reference(name: str, second: bool, **options):
    network = NETWORKS[name]
    activation = {"relu": "relu", "erf": "erf", "gelu": gelu}[network["act"]]
    options = {"depth": network["depth"], "activation": activation} | options
    X1, X2 = REFERENCE[f"{name}/x1"], REFERENCE[f"{name}/x2"] if second else None
    kernels = infinite_kernels(X1, X2, weight_std=network["W_std"], bias_std=network["b_std"], **options)
    suffix = "" if second else "_x1"
    return kernels, (REFERENCE[f"{name}/nngp{suffix}"], REFERENCE[f"{name}/ntk{suffix}"])


@pytest.mark.parametrize("second", [False, True], ids=["X, X", "X, X2"])
@pytest.mark.parametrize("name", NETWORKS)
def test_against_the_reference(name, second):
    kernels, (nngp, ntk) = of_reference(name, second)
    assert_close(kernels.nngp, nngp, 1e-10)
    ntk_tolerance = 1e-10
    if name == "relu-depth-2" and not second:  # on its diagonal the reference rounds the angle 0 to 1e-8
        ntk_tolerance = 1e-8
        assert_close(kernels.ntk - np.diag(np.diag(kernels.ntk)), ntk - np.diag(np.diag(ntk)), 1e-10)
    assert_close(kernels.ntk, ntk, ntk_tolerance)


def test_the_diagonal_of_relu_by_hand():
    # at θ = 0, q → s² q/2 + b² and Θ → Σ + s² Θ/2
    X, s, b = inputs(4), 1.3, 0.4
    q = ntk = s**2 * np.sum(X**2, 1) / 3 + b**2
    for _ in range(3):
        q = s**2 * q / 2 + b**2
        ntk = q + s**2 * ntk / 2
    kernels = infinite_kernels(X, depth=3, weight_std=s, bias_std=b)
    assert_close(np.diag(kernels.nngp), q, 1e-14)
    assert_close(np.diag(kernels.ntk), ntk, 1e-14)


def recursion(sigma, slope, X: np.ndarray, depth: int, s: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Both recursions, one pair at a time, with (u, v) = L z and Gauss–Hermite quadrature over the plane."""
    z, weights = np.polynomial.hermite_e.hermegauss(90)
    weights = np.outer(weights, weights) / (2 * np.pi)
    nngp = ntk = s**2 * X @ X.T / X.shape[1] + b**2

    def expectation(f, q1, q2, c):
        u = np.sqrt(q1) * z[:, None] + 0 * z[None, :]
        v = c / np.sqrt(q1) * z[:, None] + np.sqrt(max(q2 - c**2 / q1, 0)) * z[None, :]
        return np.sum(weights * f(u) * f(v))

    for _ in range(depth):
        q = np.diag(nngp)
        product, derivative = (
            np.array([[expectation(f, q[i], q[j], nngp[i, j]) for j in range(len(q))] for i in range(len(q))])
            for f in (sigma, slope)
        )
        nngp = s**2 * product + b**2
        ntk = nngp + s**2 * derivative * ntk
    return nngp, ntk


@pytest.mark.parametrize(
    ("sigma", "slope"),
    [(jnp.tanh, lambda z: 1 / np.cosh(z) ** 2), (jnp.cos, np.sin), (jax.nn.softplus, lambda z: 1 / (1 + np.exp(-z)))],
    ids=["tanh", "cos", "softplus"],
)
def test_a_function_against_quadrature_over_the_plane(sigma, slope):
    X = np.asarray(inputs(4))
    kernels = infinite_kernels(X, depth=2, activation=sigma, weight_std=0.9, bias_std=0.3)
    expected = recursion(lambda z: np.asarray(sigma(z)), slope, X, 2, 0.9, 0.3)
    for kernel, value in zip(kernels, expected, strict=True):
        assert_close(kernel, value, 1e-7)


@pytest.mark.parametrize(("name", "sigma"), [("erf", jax.lax.erf), ("identity", lambda z: z)])
def test_closed_forms_against_quadrature(name, sigma):
    closed, quadrature = (
        infinite_kernels(inputs(5), inputs(4, seed=1), depth=3, activation=activation, weight_std=1.4, bias_std=0.2)
        for activation in (name, sigma)
    )
    assert_close(quadrature.nngp, closed.nngp, 1e-10)
    assert_close(quadrature.ntk, closed.ntk, 1e-10)


@pytest.mark.parametrize(
    ("sigma", "q", "product", "slope"),
    [
        (jnp.tanh, 5.0, 1e-6, 1e-6),
        (gelu, 15.0, 1e-6, 1e-6),
        (jax.nn.softplus, 30.0, 1e-6, 1e-6),
        (jnp.abs, 1.0, 2.1e-3, 2.1e-2),
    ],
    ids=["tanh", "gelu", "softplus", "abs"],
)
def test_quadrature_is_as_accurate_as_stated(sigma, q, product, slope):
    rho = np.array([-1, -0.998, -0.9, -0.5, 0, 0.5, 0.9, 0.99, 0.998, 0.9999, 1])
    # the trapezoidal rule converges fast for Gaussian integrands; for |z| the integrals are known
    X = np.sqrt(2 * q) * np.stack([rho, np.sqrt(1 - rho**2)], 1)
    kernels = infinite_kernels(X[-1:], X, depth=1, activation=sigma)
    if sigma is jnp.abs:
        expected = 2 / np.pi * np.array([np.sqrt(1 - rho**2) + rho * np.arcsin(rho), np.arcsin(rho)])
    else:
        z = np.linspace(-10, 10, 1201)
        u, v = np.sqrt(q) * z, np.sqrt(q) * (rho[:, None, None] * z[:, None] + np.sqrt(1 - rho**2)[:, None, None] * z)
        weights = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
        derivative = jax.jit(jax.vmap(jax.grad(sigma)))
        expected = np.array(
            [
                [(weights * f(u)) @ f(each.ravel()).reshape(each.shape) @ weights for each in v]
                for f in (jax.jit(sigma), derivative)
            ]
        )
    assert np.max(np.abs(kernels.nngp[0] - expected[0])) < product
    assert np.max(np.abs((kernels.ntk[0] - kernels.nngp[0]) / (q * rho + (rho == 0)) - expected[1])[rho != 0]) < slope


def test_a_kink_costs_a_function_accuracy():
    closed, quadrature = (infinite_kernels(inputs(6), depth=2, activation=f) for f in ("relu", jax.nn.relu))
    assert_close(quadrature.nngp, closed.nngp, 2e-3)
    assert_close(quadrature.ntk, closed.ntk, 1e-2)
    assert_close(np.diag(quadrature.ntk), np.diag(closed.ntk), 1e-13)  # at 0 the kink lies between two nodes


def test_against_sampling():
    # E[relu(u) relu(v)] and E[relu'(u) relu'(v)] over 10⁶ pairs: standard errors of about 1e-3
    X = np.asarray(inputs(2))
    kernels = infinite_kernels(X, depth=1)
    covariance = X @ X.T / 3
    pairs = np.random.default_rng(0).multivariate_normal(np.zeros(2), covariance, 1_000_000)
    product, slope = np.mean(np.prod(np.maximum(pairs, 0), 1)), np.mean(np.all(pairs > 0, 1))
    assert_close(kernels.nngp[0, 1], product, 1e-2)
    assert_close(kernels.ntk[0, 1], product + slope * covariance[0, 1], 1e-2)


@pytest.mark.parametrize(("name", "bias_std"), [("relu", 0.0), ("erf", 0.5), ("tanh", 0.5)])
def test_is_the_limit_of_wide_networks(name, bias_std):
    # means over 40 networks of width 256 for the ntk, with a relative error of about (40 · 256)^(−1/2) = 1 %, and over
    # 1000 for the nngp, of (2/1000)^(1/2) = 4 %
    X = inputs(3)
    options = {"weight_std": 1.4, "bias_std": bias_std}
    init, phi = mlp((3, 256, 256, 1), activation=name, parametrization="ntk", **options)

    @jax.jit
    def compute(keys):
        tangent = jax.lax.map(lambda key: empirical_kernel(phi, init(key), X, method="jacobian"), keys[:40])
        values = jax.lax.map(lambda key: jax.vmap(partial(phi, init(key)))(X), keys)
        return tangent.mean(0), jnp.mean(values[:, :, None] * values[:, None, :], 0)

    ntk, nngp = compute(jax.random.split(jax.random.key(0), 1000))
    kernels = infinite_kernels(X, depth=2, activation=ACTIVATIONS[name], **options)
    assert_close(ntk, kernels.ntk, 0.05)
    assert_close(nngp, kernels.nngp, 0.2)


def test_without_hidden_layers_is_the_linear_kernel(activation):
    X1, X2 = inputs(4), inputs(3, seed=1)
    kernels = infinite_kernels(X1, X2, depth=0, activation=activation, weight_std=1.5, bias_std=0.5)
    assert_close(kernels.nngp, 1.5**2 * X1 @ X2.T / 3 + 0.25, 1e-14)
    np.testing.assert_array_equal(kernels.nngp, kernels.ntk)


# Near the kinks of ReLU


@pytest.mark.parametrize("angle", [1e-2, 1e-5, 1e-8, 1e-12])
@pytest.mark.parametrize("length", [1.0, 3.0])
def test_small_angles_are_not_rounded(angle, length):
    # ntk = s² (E[σσ] + E[σ'σ'] c) for s = 1, d = 2, c = length cos(θ)/2; (π − θ)/2π is what rounding θ spoils
    x = jnp.array([1.0, 0.0])
    for sign in (1, -1):
        y = sign * length * jnp.array([math.cos(angle), math.sin(angle)])
        theta = angle if sign == 1 else math.pi - angle
        nngp, ntk = entry(x, y, depth=1)
        slope = (ntk - nngp) / (x @ y / 2)
        assert abs(slope - (math.pi - theta) / (2 * math.pi)) < 1e-15


# bias_std, scale, k and, for x' = scale (x + 2^k (1, −2, 0)), nngp and ntk by the recursion in 60 digits
SIXTY_DIGITS = [
    (0.0, 1.0, -10, 0.2546585172441711, 1.2717490932839912),
    (0.0, 1.0, -30, 0.2546585164964199, 1.273292581008621),
    (0.0, 1.0, -45, 0.2546585164964199, 1.2732925824820545),
    (0.0, 3.0, -10, 0.7639755517325133, 3.8152472798519734),
    (0.0, 3.0, -30, 0.7639755494892597, 3.819877743025863),
    (0.0, 3.0, -45, 0.7639755494892597, 3.8198777474461636),
    (0.0, -1.0, -10, 0.15402430044817353, 0.2700063985328222),
    (0.0, -1.0, -30, 0.15402402062284135, 0.27003686215927264),
    (0.0, -1.0, -45, 0.15402402062284135, 0.2700368621887922),
    (0.125, 1.0, -10, 0.3052986383202283, 1.399289097677454),
    (0.125, 1.0, -30, 0.305298637598753, 1.4008480258305578),
    (0.125, 1.0, -45, 0.305298637598753, 1.4008480273186705),
    (0.125, 3.0, -10, 0.8165543510319994, 3.510002736656845),
    (0.125, 3.0, -30, 0.8165540708196041, 3.5100227468827288),
    (0.125, 3.0, -45, 0.8165540708196041, 3.5100227468827288),
    (0.125, -1.0, -10, 0.19934308527000397, 0.34346779640519165),
    (0.125, -1.0, -30, 0.19934279645078795, 0.34346736152438034),
    (0.125, -1.0, -45, 0.19934279645078795, 0.34346736152438034),
]


@pytest.mark.parametrize(("bias_std", "scale", "exponent", "nngp", "ntk"), SIXTY_DIGITS)
def test_small_angles_through_the_layers(bias_std, scale, exponent, nngp, ntk):
    x = jnp.array([1.0, 0.5, -0.25])
    y = scale * (x + 2.0**exponent * jnp.array([1.0, -2.0, 0.0]))
    values = entry(x, y, depth=4, weight_std=1.25, bias_std=bias_std)
    np.testing.assert_allclose(values, [nngp, ntk], rtol=3e-15)


def test_homogeneous_without_bias():
    X, scale = inputs(4), jnp.array([1e-3, 1.0, 2.0, 1e3])
    kernels, scaled = (infinite_kernels(Z, depth=3) for Z in (X, scale[:, None] * X))
    for kernel, value in zip(kernels, scaled, strict=True):
        np.testing.assert_allclose(value, np.outer(scale, scale) * kernel, rtol=1e-13)


# Laws


@given(
    st.sampled_from(list(ACTIVATIONS.values())),
    st.integers(0, 3),
    st.integers(1, 6),
    st.sampled_from(["float64", "float32"]),
    st.sampled_from([0.0, 0.3]),
)
def test_symmetric_and_positive_semidefinite(activation, depth, m, dtype, bias_std):
    X = inputs(m, seed=m).astype(dtype)
    X = X.at[-1].set(-X[0])
    for K in infinite_kernels(X, depth=depth, activation=activation, bias_std=bias_std):
        assert K.dtype == dtype
        np.testing.assert_array_equal(K, K.T)
        eigenvalues = np.linalg.eigvalsh(cases.double(K))
        assert eigenvalues[0] >= -cases.EXACT[dtype] * eigenvalues[-1]


def test_symmetric_where_a_matrix_product_is_not(activation):
    K = infinite_kernels(inputs(70, 129), depth=2, activation=activation, weight_std=1.3, bias_std=0.1)
    for kernel in K:
        np.testing.assert_array_equal(kernel, kernel.T)


def test_each_entry_stands_alone(activation):
    X1, X2 = inputs(4), inputs(3, seed=1)
    options = {"depth": 2, "activation": activation, "bias_std": 0.1}
    whole = infinite_kernels(jnp.concatenate([X1, X2]), **options)
    block = infinite_kernels(X1, X2, **options)
    swapped = infinite_kernels(X2[::-1], X1, **options)
    for kernel, part, other in zip(whole, block, swapped, strict=True):
        assert_close(part, kernel[:4, 4:], 1e-13)
        assert_close(other[::-1].T, part, 1e-13)


def test_float32(activation):
    options = {"depth": 2, "activation": activation, "weight_std": 1.3, "bias_std": 0.1}
    X = inputs(6).at[3].set(-inputs(6)[0]).astype("float32")
    for single, double in zip(
        infinite_kernels(X, **options), infinite_kernels(X.astype("float64"), **options), strict=True
    ):
        assert single.dtype == "float32"
        assert_close(single, double, 1e-5)
    with cases.without_x64():
        assert infinite_kernels(X, **options).ntk.dtype == "float32"


def test_blocks_give_the_whole(activation, tmp_path):
    X1, X2 = inputs(7), inputs(5, seed=1)
    compute = partial(infinite_kernels, depth=2, activation=activation, bias_std=0.1)
    for second, shape in ((None, (7, 7)), (X2, (7, 5))):
        whole = compute(X1, second)
        out = InfiniteKernels(
            *(np.lib.format.open_memmap(tmp_path / f"{name}.npy", "w+", X1.dtype, shape) for name in whole._fields)
        )
        assert compute(X1, second, block_size=3, out=out).ntk is out.ntk
        blocks, traced = compute(X1, second, block_size=3), jax.jit(partial(compute, block_size=3))(X1, second)
        for kernel, *others in zip(whole, blocks, traced, out, strict=True):
            for other in others:
                assert_close(other, kernel, 1e-13)
        out.ntk[-1, 0], out.nngp[0, 0] = np.nan, 7.0  # only the block with the NaN is computed anew
        compute(X1, second, block_size=3, out=out, resume=True)
        assert out.nngp[0, 0] == 7.0
        assert_close(out.ntk, whole.ntk, 1e-13)


def test_under_jit_and_vmap(activation):
    kernels = partial(infinite_kernels, depth=2, activation=activation, bias_std=0.1)
    X = inputs(6)
    batches = jax.jit(jax.vmap(kernels))(X.reshape(2, 3, 3))
    for kernel, batch in zip(kernels(X), batches, strict=True):
        assert_close(batch, np.stack([kernel[:3, :3], kernel[3:, 3:]]), 1e-13)


# Gradients


X0 = jnp.array([0.7, -0.4, 1.1])
POINTS = {
    "apart": (X0, jnp.array([0.2, 0.9, -0.5])),
    "near": (X0, X0 + jnp.array([0.0, 1e-3, 0.0])),
    "equal": (X0, X0),
    "antipodal": (X0, -X0),
    "parallel": (X0, 2 * X0),
    "zero": (0 * X0, X0),
    "both zero": (0 * X0, 0 * X0),
}


def assert_gradients(f, points, tol, step=1e-6):
    """At each of the points the Jacobian of f is finite, and equals central differences."""

    def differences(x):
        directions = step * jnp.eye(len(x))
        return jax.vmap(lambda h: (f(x + h) - f(x - h)) / (2 * step), out_axes=1)(directions)

    jacobians, expected = jax.jit(lambda X: (jax.vmap(jax.jacrev(f))(X), jax.lax.map(differences, X)))(points)
    assert np.all(np.isfinite(jacobians))
    np.testing.assert_allclose(jacobians, expected, rtol=0, atol=tol)


@pytest.mark.parametrize("bias_std", [0.0, 0.5])
def test_gradient_in_both_arguments(activation, bias_std):
    # where ReLU has a kink, the middle between the one-sided derivatives; differences then are off by the step
    depth = 1 if activation == "relu" and not bias_std else 2  # at 0 without bias, deeper kinks are not symmetric
    f = partial(entry, depth=depth, activation=activation, weight_std=1.3, bias_std=bias_std)
    points = jnp.stack([jnp.concatenate(point) for point in POINTS.values()])
    assert_gradients(lambda xy: f(xy[:3], xy[3:]), points, 1e-5 if activation == "relu" else 1e-8)


def test_gradient_along_the_diagonal(activation):
    def f(x):
        options = {"depth": 3, "activation": activation}
        pair, alone = infinite_kernels(x[None], x[None], **options), infinite_kernels(x[None], **options)
        return jnp.stack(pair + alone)[:, 0, 0]

    assert_gradients(f, jnp.stack([X0, 0 * X0]), 1e-8)


def test_gradient_of_a_batch_with_every_kink_is_finite(activation):
    X = jnp.stack([X0, X0, -X0, 2 * X0, 0 * X0, 0 * X0]).astype("float32")

    def f(X):
        nngp, ntk = infinite_kernels(X, depth=3, activation=activation)
        return jnp.sum(jnp.cos(nngp) + jnp.sin(ntk))

    assert np.all(np.isfinite(jax.jit(jax.grad(f))(X)))


def test_second_derivative_at_the_diagonal():
    def f(x, y):
        return entry(x[None], y[None], depth=1, activation="erf")[0]

    x, step = jnp.array(0.7), 1e-4
    mixed = jax.grad(jax.grad(f, 0), 1)(x, x)
    differences = (jax.grad(f)(x, x + step) - jax.grad(f)(x, x - step)) / (2 * step)
    assert abs(mixed - differences) < 1e-6


def test_gradient_takes_rows_one_at_a_time():
    m, d = 30, 1000
    gradient = jax.jit(jax.grad(lambda X: jnp.sum(infinite_kernels(X, depth=2).ntk)))
    program = gradient.lower(jax.ShapeDtypeStruct((m, d), "float64")).compile()
    assert program.memory_analysis().temp_size_in_bytes < m * m * d * 8 / 2


# What is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"X1": [[1.0]]}, TypeError, r"^X1: expected an array of inputs, got list"),
        ({"X1": np.ones((2, 2), int)}, TypeError, r"^X1: expected an array of floats, got dtype int64"),
        ({"X1": np.ones(2)}, ValueError, r"^X1: expected flat inputs, of shape \(m, d\), got shape \(2,\)"),
        (
            {"X1": np.ones((2, 2, 2))},
            ValueError,
            r"^X1: expected flat inputs, of shape \(m, d\), got shape \(2, 2, 2\)",
        ),
        ({"X1": np.ones((2, 0))}, ValueError, r"^X1: expected flat inputs, of shape \(m, d\), got shape \(2, 0\)"),
        ({"X1": np.ones((0, 2))}, ValueError, r"^X1: expected at least one input along the first axis, got shape"),
        ({"X1": np.full((2, 2), np.nan)}, ValueError, r"^X1: expected finite numbers, got NaN or infinity"),
        ({"X2": np.full((2, 2), np.inf)}, ValueError, r"^X2: expected finite numbers, got NaN or infinity"),
        ({"X2": np.ones((2, 3))}, ValueError, r"^X2: expected d = 2 numbers an input as in X1, got 3"),
        ({"X2": np.ones((2, 2), "float32")}, TypeError, r"^X2: expected dtype float64 as in X1, got float32"),
        ({"depth": -1}, ValueError, r"^depth: expected a whole number of at least 0, got -1"),
        ({"depth": 1.0}, TypeError, r"^depth: expected a whole number, got 1.0"),
        ({"depth": True}, TypeError, r"^depth: expected a whole number, got True"),
        ({"weight_std": 0}, ValueError, r"^weight_std: expected a finite number above 0, got 0"),
        ({"weight_std": "1"}, TypeError, r"^weight_std: expected a number, got '1'"),
        ({"bias_std": -0.1}, ValueError, r"^bias_std: expected a finite number of at least 0, got -0.1"),
        (
            {"activation": "tanh"},
            ValueError,
            r"^activation: expected one of \['erf', 'identity', 'relu'\] or a function",
        ),
        ({"activation": None}, TypeError, r"^activation: expected a function activation\(z\), got NoneType"),
        ({"block_size": 0}, ValueError, r"^block_size: expected at least 1, got 0"),
        ({"resume": True}, ValueError, r"^resume: expected out as well"),
        ({"progress": True}, ValueError, r"^progress: expected a block_size as well"),
        ({"out": np.ones((2, 2))}, TypeError, r"^out: expected PyTreeDef.*InfiniteKernels.* got PyTreeDef"),
        ({"out": InfiniteKernels([1.0], [1.0])}, TypeError, r"^out: expected PyTreeDef.*InfiniteKernels"),
        ({"out": InfiniteKernels(np.ones((2, 2)), np.ones(2))}, ValueError, r"^out: expected float64\(2, 2\)"),
        ({"activation": lambda z: (z, z)}, ValueError, r"^activation: expected one number for one number, got \("),
        ({"activation": lambda z: jnp.stack([z, z])}, ValueError, r"^activation: expected one number for one number"),
        ({"activation": lambda z: z > 0}, TypeError, r"^activation: expected dtype float64 for float64, got bool"),
        ({"activation": lambda z: z.astype("float32")}, TypeError, r"^activation: expected dtype float64 for float64"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        infinite_kernels(**({"X1": np.ones((2, 2)), "depth": 1} | arguments))


def test_float64_without_x64():
    with cases.without_x64(), pytest.raises(TypeError, match=r"^X1: JAX would truncate float64"):
        infinite_kernels(np.ones((2, 2)), depth=1)
