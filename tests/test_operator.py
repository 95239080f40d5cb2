"""kernel_operator against the kernel that it does not form, and systems solved with it."""

from functools import partial

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse.linalg
from cases import assert_close
from jax.scipy.sparse.linalg import cg

from ntklib import empirical_kernel, kernel_operator, nystrom_preconditioner


def matrix(K: jax.Array) -> np.ndarray:
    """The kernel with rows and columns (input, output)."""
    return np.asarray(K if K.ndim == 2 else K.swapaxes(1, 2).reshape(K.shape[0] * K.shape[2], -1), "float64")


@pytest.mark.parametrize("block_size", [None, 2])
@pytest.mark.parametrize("second", [False, True], ids=["X, X", "X, X2"])
def test_equals_the_kernel_times_the_vector(problem, second, block_size):
    phi, w0, _, X, X2, y = problem
    K = kernel_operator(phi, w0, X, X2 if second else None, block_size=block_size)
    v = cases.normal(jax.eval_shape(jax.vmap(phi, (None, 0)), w0, X2 if second else X), 3)
    expected = matrix(empirical_kernel(phi, w0, X, X2 if second else None)) @ np.asarray(v, "float64").ravel()
    assert K(v).shape == y.shape
    assert K(v).dtype == y.dtype
    assert_close(K(v).ravel(), expected, 10 * problem.tol)


def test_of_data_in_a_file(tmp_path):
    problem = cases.get_problem("mlp, 3 outputs")
    np.save(tmp_path / "X.npy", problem.X)
    K = kernel_operator(problem.phi, problem.w0, np.load(tmp_path / "X.npy", mmap_mode="r"), block_size=2)
    assert_close(K(problem.y), kernel_operator(problem.phi, problem.w0, problem.X)(problem.y), 1e-13)


def test_symmetric_positive_and_linear():
    problem = cases.get_problem("mlp, 3 outputs")
    K = jax.jit(kernel_operator(problem.phi, problem.w0, problem.X))
    u, v = (cases.normal(problem.y, seed) for seed in (1, 2))
    assert_close(jnp.vdot(u, K(v)), jnp.vdot(K(u), v), 1e-12)
    assert jnp.vdot(u, K(u)) > 0
    assert_close(K(2 * u + v), 2 * K(u) + K(v), 1e-12)
    assert_close(jax.vmap(K)(jnp.stack([u, v])), jnp.stack([K(u), K(v)]), 1e-13)


def test_solves_with_conjugate_gradients():
    problem, ridge = cases.get_problem("mlp, 3 outputs"), 1e-3
    K = kernel_operator(problem.phi, problem.w0, problem.X)
    dense = matrix(empirical_kernel(problem.phi, problem.w0, problem.X))
    expected = np.linalg.solve(dense + ridge * np.eye(len(dense)), np.asarray(problem.y).ravel())

    def system(v):
        return K(v) + ridge * v

    precondition = nystrom_preconditioner(K, problem.y, rank=8, ridge=ridge, key=jax.random.key(0))
    for M in (None, precondition):
        alpha, _ = cg(system, problem.y, tol=1e-12, M=M)
        assert_close(alpha.ravel(), expected, 1e-8)

    size = problem.y.size
    operator = scipy.sparse.linalg.LinearOperator(
        (size, size), lambda v: np.asarray(system(jnp.asarray(v).reshape(problem.y.shape))).ravel(), dtype="float64"
    )
    alpha, info = scipy.sparse.linalg.cg(operator, np.asarray(problem.y).ravel(), rtol=1e-12)
    assert info == 0
    assert_close(alpha, expected, 1e-8)


def decaying(size):
    """A symmetric matrix with eigenvalues 1, 1/4, 1/16, …"""
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))[0]
    return jnp.asarray(Q * 0.25 ** np.arange(size) @ Q.T)


def test_the_preconditioner_is_exact_at_full_rank():
    K, ridge = decaying(12), 1e-3
    P = nystrom_preconditioner(lambda v: K @ v, K[0], rank=12, ridge=ridge, key=jax.random.key(1))
    inverse = jax.vmap(P)(jnp.eye(12))
    least = 0.25**11
    assert_close(inverse @ (K + ridge * jnp.eye(12)), (least + ridge) * np.eye(12), 1e-9)


def test_the_preconditioner_lowers_the_condition_number():
    size, ridge = 40, 1e-6
    K = decaying(size)
    P = nystrom_preconditioner(lambda v: K @ v, K[0], rank=14, ridge=ridge, key=jax.random.key(1))
    inverse = np.asarray(jax.vmap(P)(jnp.eye(size)))
    np.testing.assert_allclose(inverse, inverse.T, atol=1e-12)
    system = np.asarray(K + ridge * jnp.eye(size))
    eigenvalues = np.sort(np.linalg.eigvals(inverse @ system).real)
    assert eigenvalues[0] > 0
    assert eigenvalues[-1] / eigenvalues[0] < 10
    assert np.linalg.cond(system) > 1e5


@pytest.mark.parametrize(
    ("v", "error", "message"),
    [
        (jnp.ones(2), ValueError, r"^v: expected shape \(3,\), one number for each input and output, got \(2,\)"),
        (jnp.ones(3, "float32"), TypeError, r"^v: expected dtype float64 as the model's output, got float32"),
        (jnp.arange(3), TypeError, r"^v: expected an array of floats, got dtype int64"),
    ],
)
def test_vectors_that_do_not_fit(v, error, message):
    K = kernel_operator(lambda w, x: w * x, jnp.array(1.0), jnp.ones(3))
    with pytest.raises(error, match=message):
        K(v)


def test_arguments_that_do_not_fit():
    operator = partial(kernel_operator, lambda w, x: w * x, jnp.array(1.0))
    with pytest.raises(ValueError, match=r"^X2: expected inputs like those of X1"):
        operator(jnp.ones(3), jnp.ones((3, 2)))
    with pytest.raises(ValueError, match=r"^block_size: expected at least 1, got 0"):
        operator(jnp.ones(3), block_size=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rank": 0}, r"^rank: expected 1 to 3, the entries of y, got 0"),
        ({"rank": 4}, r"^rank: expected 1 to 3, the entries of y, got 4"),
        ({"ridge": 0.0}, r"^ridge: expected a finite number above 0, got 0.0"),
        ({"K": lambda v: -v}, r"^K: expected a positive semidefinite operator"),
    ],
)
def test_preconditioners_that_cannot_be(options, message):
    arguments = {"K": lambda v: v, "y": jnp.ones(3), "rank": 2, "ridge": 1.0, "key": jax.random.key(0), **options}
    with pytest.raises(ValueError, match=message):
        nystrom_preconditioner(**arguments)
