"""empirical_kernel against J Jᵀ with the Jacobian J formed at once."""

from functools import partial

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import Problem, assert_close, networks
from hypothesis import given
from hypothesis import strategies as st

from ntklib import empirical_kernel, kernel

OUTPUTS = ["full", "trace", "diagonal"]


def expected_kernel(problem: Problem, X1: jax.Array, X2: jax.Array, outputs: str) -> np.ndarray:
    """⟨∇_wΦ_a(x, w0), ∇_wΦ_b(x', w0)⟩, summed by einsum."""
    J1, J2 = (cases.jacobian(problem.phi, problem.w0, X) for X in (X1, X2))
    if J1.ndim == 2:
        return J1 @ J2.T
    index = {"full": "ian,jbn->ijab", "trace": "ian,jan->ij", "diagonal": "ian,jan->ija"}
    return np.einsum(index[outputs], J1, J2)


def transposed(K: np.ndarray) -> np.ndarray:
    """Both inputs exchanged, and with them both outputs where there are two."""
    return K.transpose(1, 0, 3, 2) if K.ndim == 4 else K.swapaxes(0, 1)


@pytest.mark.parametrize("second", [False, True], ids=["X, X", "X, X2"])
def test_equals_the_jacobian_times_its_transpose(problem, second):
    X2 = problem.X2 if second else None
    K = empirical_kernel(problem.phi, problem.w0, problem.X, X2)
    assert K.dtype == problem.y.dtype
    assert_close(K, expected_kernel(problem, problem.X, problem.X2 if second else problem.X, "full"), problem.tol)


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("name", ["dictionary", "mlp, 3 outputs"])
def test_each_choice_of_outputs(name, outputs):
    problem = cases.get_problem(name)
    K = np.asarray(empirical_kernel(problem.phi, problem.w0, problem.X, outputs=outputs))
    assert_close(K, expected_kernel(problem, problem.X, problem.X, outputs), 1e-12)
    np.testing.assert_array_equal(K, transposed(K))


@given(networks(), st.sampled_from(OUTPUTS), st.booleans())
def test_any_network(problem, outputs, second):
    compute = jax.jit(partial(empirical_kernel, problem.phi, outputs=outputs))
    K = np.asarray(compute(problem.w0, problem.X, problem.X2 if second else None))
    expected = expected_kernel(problem, problem.X, problem.X2 if second else problem.X, outputs)
    assert_close(K, expected, 10 * problem.tol)
    if not second:
        np.testing.assert_array_equal(K, transposed(K))


def test_symmetric_to_the_last_bit(problem):
    K = np.asarray(empirical_kernel(problem.phi, problem.w0, problem.X))
    np.testing.assert_array_equal(K, transposed(K))


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("o", [None, 2])
def test_symmetric_where_the_matrix_product_is_not(o, outputs):
    # on most machines J Jᵀ happens to be symmetric; here its upper triangle is off
    size = {"full": (4 * (o or 1),) * 2, "trace": (4, 4), "diagonal": (o or 1, 4, 4)}[outputs]
    product = jnp.asarray(np.random.default_rng(0).normal(size=size))
    K = np.asarray(kernel._arrange(product, 4, () if o is None else (o,), outputs, symmetric=True))
    np.testing.assert_array_equal(K, transposed(K))


def test_positive_semidefinite_up_to_rounding(problem):
    K = np.asarray(empirical_kernel(problem.phi, problem.w0, problem.X))
    if K.ndim == 4:
        K = K.swapaxes(1, 2).reshape(K.shape[0] * K.shape[2], -1)
    eigenvalues = np.linalg.eigvalsh(cases.double(K))
    assert eigenvalues[0] >= -problem.tol * eigenvalues[-1]
    assert eigenvalues[-1] > 0


@pytest.mark.parametrize("name", ["mlp, 3 outputs", "nested tree, 2 outputs"])
def test_trace_and_diagonal_are_parts_of_the_full_kernel(name):
    phi, w0, _, X, X2, _ = cases.get_problem(name)
    full, trace, diagonal = (np.asarray(empirical_kernel(phi, w0, X, X2, outputs=outputs)) for outputs in OUTPUTS)
    assert_close(diagonal, np.einsum("ijaa->ija", full), 1e-14)
    assert_close(trace, diagonal.sum(-1), 1e-14)  # the sum over the outputs, not the mean


@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("name", ["dictionary", "mlp, 3 outputs"])
def test_a_kernel_between_batches_is_a_block_of_the_whole(name, outputs):
    phi, w0, _, X, X2, _ = cases.get_problem(name)
    whole = empirical_kernel(phi, w0, jnp.concatenate([X, X2]), outputs=outputs)
    block = empirical_kernel(phi, w0, X, X2, outputs=outputs)
    assert_close(block, whole[: len(X), len(X) :], 1e-14)


def test_of_a_shallow_network_by_hand():
    # Φ(x) = Σ_j c_j tanh(a_j x): K(x, x') = Σ_j tanh(a_j x) tanh(a_j x') + x x' Σ_j c_j² tanh'(a_j x) tanh'(a_j x')
    a, c, X = (np.random.default_rng(seed).normal(size=size) for seed, size in enumerate([9, 9, 4]))
    K = empirical_kernel(lambda w, x: w["c"] @ jnp.tanh(w["a"] * x), {"a": a, "c": c}, X)
    value, slope = np.tanh(np.outer(X, a)), 1 - np.tanh(np.outer(X, a)) ** 2
    assert_close(K, value @ value.T + np.outer(X, X) * ((slope * c**2) @ slope.T), 1e-14)


def test_parameters_in_two_dtypes():
    def phi(w, x):
        return w["single"].astype("float64") ** 2 * w["double"] * x

    w0, X = {"single": jnp.array(3.0, "float32"), "double": jnp.array(2.0)}, jnp.array([1.0, 10.0])
    K = empirical_kernel(phi, w0, X)  # ⟨φ(1), φ(1)⟩ = (2·3·2)² + 9²
    assert K.dtype == "float64"
    np.testing.assert_array_equal(K, 225 * np.array([[1.0, 10.0], [10.0, 100.0]]))


def test_under_vmap_over_the_initialization():
    problem = cases.get_problem("mlp, 3 outputs")
    w0s = jax.tree.map(lambda *leaves: jnp.stack(leaves), problem.w0, problem.w)
    K = jax.jit(jax.vmap(lambda w0: empirical_kernel(problem.phi, w0, problem.X)))(w0s)
    assert_close(K[0], expected_kernel(problem, problem.X, problem.X, "full"), 1e-12)
    assert_close(K[1], expected_kernel(problem._replace(w0=problem.w), problem.X, problem.X, "full"), 1e-12)


def test_under_grad():
    # K(x, x) = (2 w x)², of which the derivative is 8 w x²
    gradient = jax.grad(lambda w: empirical_kernel(lambda p, x: p**2 * x, w, jnp.array([3.0]))[0, 0])(jnp.array(2.0))
    assert_close(gradient, 8 * 2.0 * 9.0, 1e-14)


def test_holds_the_jacobian_of_one_leaf_at_a_time():
    m, width, leaves = 20, 64, 4

    def phi(w, x):
        for W in w:
            x = jnp.tanh(W @ x)
        return x[0]

    w0 = [jnp.eye(width)] * leaves
    jacobian = m * width**2 * 8  # bytes for one leaf
    for leaf in range(leaves):
        program = kernel._add_leaf.lower(phi, w0, jnp.ones((m, width)), None, leaf, "full", jnp.zeros((m, m))).compile()
        assert jacobian / 2 < program.memory_analysis().temp_size_in_bytes < 1.5 * jacobian


@pytest.mark.parametrize("name", cases.REFERENCE_NAMES)
def test_against_the_reference(name):
    network = cases.reference(name)
    K = empirical_kernel(network.phi, network.w0, network.values["x1"], network.values["x2"])
    assert_close(K, network.values["K"], 1e-10)


@pytest.mark.parametrize("outputs", ["Full", "", None, 1, ["full"]])
def test_unknown_outputs(outputs):
    with pytest.raises(ValueError, match=r"^outputs: expected one of \('full', 'trace', 'diagonal'\)"):
        empirical_kernel(lambda w, x: w * x, jnp.array(1.0), jnp.ones(2), outputs=outputs)


@pytest.mark.parametrize(
    ("X2", "error", "message"),
    [
        ([[1.0, 2.0]], TypeError, r"^X2: expected an array of inputs, got list"),
        (jnp.ones((0, 2)), ValueError, r"^X2: expected at least one input along the first axis, got shape \(0, 2\)"),
        (jnp.ones(2), ValueError, r"^X2: expected inputs like those of X1, float64\(2,\), got float64\(\)"),
        (jnp.ones((4, 3)), ValueError, r"^X2: expected inputs like those of X1, float64\(2,\), got float64\(3,\)"),
        (jnp.ones((4, 2), "float32"), ValueError, r"^X2: expected inputs like those of X1, float64\(2,\), got float32"),
    ],
)
def test_second_inputs_must_be_like_the_first(X2, error, message):
    with pytest.raises(error, match=message):
        empirical_kernel(lambda w, x: w @ x, jnp.ones(2), jnp.ones((3, 2)), X2)
