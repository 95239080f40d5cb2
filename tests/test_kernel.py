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

from ntklib import contraction, empirical_kernel, kernel, kernel_bytes, methods, mlp

OUTPUTS = ["full", "trace", "diagonal"]
METHODS = ["structured", "jacobian", "vector-product"]


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


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("second", [False, True], ids=["X, X", "X, X2"])
def test_equals_the_jacobian_times_its_transpose(problem, second, method):
    X2 = problem.X2 if second else None
    K = empirical_kernel(problem.phi, problem.w0, problem.X, X2, method=method)
    assert K.dtype == problem.y.dtype
    assert_close(K, expected_kernel(problem, problem.X, problem.X2 if second else problem.X, "full"), problem.tol)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("name", ["dictionary", "mlp, 3 outputs"])
def test_each_choice_of_outputs(name, outputs, method):
    problem = cases.get_problem(name)
    K = np.asarray(empirical_kernel(problem.phi, problem.w0, problem.X, outputs=outputs, method=method))
    assert_close(K, expected_kernel(problem, problem.X, problem.X, outputs), 1e-12)
    np.testing.assert_array_equal(K, transposed(K))
    K = empirical_kernel(problem.phi, problem.w0, problem.X, problem.X2, outputs=outputs, method=method)
    assert_close(K, expected_kernel(problem, problem.X, problem.X2, outputs), 1e-12)


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


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outputs", OUTPUTS)
def test_symmetric_in_strips(outputs, method, monkeypatch):
    monkeypatch.setattr(contraction, "_STRIP", 1)
    problem = cases.get_problem("mlp, 3 outputs")
    model = partial(problem.phi)  # jit has not seen it, nor the length of a strip with it
    K = np.asarray(empirical_kernel(model, problem.w0, problem.X, outputs=outputs, method=method))
    np.testing.assert_array_equal(K, transposed(K))
    assert_close(K, expected_kernel(problem, problem.X, problem.X, outputs), 1e-12)


@pytest.mark.parametrize("outputs", OUTPUTS)
def test_symmetric_where_the_matrix_product_is_not(outputs, monkeypatch):
    # on most machines J Jᵀ happens to be symmetric; here its upper triangle is off
    o, size = 2, {"full": (1, 8, 8), "trace": (1, 4, 4), "diagonal": (2, 4, 4)}[outputs]
    product = jnp.asarray(np.random.default_rng(0).normal(size=size))
    monkeypatch.setattr(contraction, "_product", lambda *_: product)
    K = np.asarray(contraction.mirror(contraction.add_gram(jnp.zeros(size), jnp.ones((4, o, 5)), None, outputs)))
    np.testing.assert_array_equal(K, K.swapaxes(1, 2))
    np.testing.assert_array_equal(np.tril(K), np.tril(product))


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
        program = methods._add_leaf.lower(
            phi, w0, jnp.ones((m, width)), None, leaf, "full", jnp.zeros((1, m, m))
        ).compile()
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


@pytest.mark.parametrize("method", ["Auto", None, "structure"])
def test_unknown_method(method):
    with pytest.raises(ValueError, match=r"^method: expected one of \('auto', 'structured', 'jacobian', 'vector-pr"):
        empirical_kernel(lambda w, x: w * x, jnp.array(1.0), jnp.ones(2), method=method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outputs", OUTPUTS)
@pytest.mark.parametrize("block_size", [1, 2, 3, 100])
def test_in_blocks(block_size, outputs, method):
    problem = cases.get_problem("mlp, 3 outputs")
    compute = partial(empirical_kernel, problem.phi, problem.w0, problem.X, outputs=outputs, method=method)
    K = np.asarray(compute(block_size=block_size))
    np.testing.assert_array_equal(K, transposed(K))
    assert_close(K, compute(), 1e-13)
    assert_close(compute(problem.X2, block_size=block_size), compute(problem.X2), 1e-13)


def test_blocks_under_grad():
    def entry(w, block_size):
        return empirical_kernel(lambda p, x: p**2 * x, w, jnp.array([3.0, 1.0, 2.0]), block_size=block_size)[2, 0]

    w = jnp.array(2.0)
    assert_close(jax.grad(entry)(w, 2), jax.grad(entry)(w, None), 1e-14)


@pytest.mark.parametrize("outputs", OUTPUTS)
def test_blocks_written_into_a_file_and_resumed(outputs, tmp_path, monkeypatch):
    problem = cases.get_problem("mlp, 3 outputs")
    X = np.asarray(problem.X)
    compute = partial(empirical_kernel, problem.phi, problem.w0, outputs=outputs, block_size=2)
    expected = np.asarray(compute(X))
    out = np.lib.format.open_memmap(tmp_path / "K.npy", mode="w+", dtype=expected.dtype, shape=expected.shape)
    assert compute(X, out=out) is out
    np.testing.assert_array_equal(np.load(tmp_path / "K.npy"), expected)

    calls = []
    structured = methods.structured
    monkeypatch.setitem(kernel._METHODS, "auto", lambda *args: calls.append(args) or structured(*args))
    compute(X, out=out, resume=True)
    assert calls == []
    out[-1, 0] = np.nan  # as if the run had been interrupted there
    np.testing.assert_array_equal(compute(X, out=out, resume=True), expected)
    assert len(calls) == 1
    out[0, -1] = np.nan  # in the block that is written as the mirror image
    np.testing.assert_array_equal(compute(X, out=out, resume=True), expected)
    assert len(calls) == 2


def test_a_bar_only_when_asked(capsys):
    compute = partial(empirical_kernel, lambda w, x: w * x, jnp.array(1.0), jnp.ones(4), block_size=2)
    compute()
    assert capsys.readouterr().err == ""
    compute(progress=True)
    assert "3/3" in capsys.readouterr().err  # of four blocks the one above the diagonal is not computed


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"block_size": 0}, ValueError, r"^block_size: expected at least 1, got 0"),
        ({"block_size": 1.5}, TypeError, r"^block_size: expected a whole number, got 1.5"),
        ({"resume": True}, ValueError, r"^resume: expected out as well"),
        ({"progress": True}, ValueError, r"^progress: expected a block_size as well"),
        ({"out": jnp.ones((2, 2))}, TypeError, r"^out: expected a NumPy array, got ArrayImpl"),
        ({"out": np.ones((2, 3))}, ValueError, r"^out: expected float64\(2, 2\), the result's, got float64\(2, 3\)"),
        ({"out": np.ones((2, 2), "float32")}, ValueError, r"^out: expected float64\(2, 2\), the result's, got float32"),
        ({"sharding": "rows"}, TypeError, r"^sharding: expected a jax.sharding.NamedSharding, got str"),
    ],
)
def test_options_that_do_not_fit(options, error, message):
    with pytest.raises(error, match=message):
        empirical_kernel(lambda w, x: w * x, jnp.array(1.0), jnp.ones(2), **options)


def test_out_cannot_be_written_while_tracing():
    with pytest.raises(TypeError, match=r"^out: a NumPy array cannot be written under jit"):
        jax.jit(lambda X: empirical_kernel(lambda w, x: w * x, jnp.array(1.0), X, out=np.ones((2, 2))))(jnp.ones(2))


@pytest.mark.parametrize("method", METHODS)
def test_bytes_are_about_those_of_the_compiled_program(method):
    m, width = 64, 128
    init, phi = mlp([width, width, width, 2], activation=jnp.tanh, parametrization="ntk")
    w0, X = init(jax.random.key(0)), jnp.ones((m, width))
    estimate = kernel_bytes(phi, w0, X, method=method)
    program = getattr(methods, method.replace("-", "_"))
    if method == "jacobian":
        program, args = methods._add_leaf, (phi, w0, X, None, 0, "full", jnp.zeros((1, 2 * m, 2 * m)))
    else:
        args = (phi, w0, X, None, "full")
    analysis = program.lower(*args).compile().memory_analysis()
    measured = analysis.temp_size_in_bytes + analysis.output_size_in_bytes
    assert 0.4 < estimate / measured < 2.5


def test_an_impossible_request_is_refused_with_its_size():
    X = jax.ShapeDtypeStruct((10**7, 1), jnp.float64)
    needed = kernel_bytes(lambda w, x: w * x[0], jnp.array(1.0), X)
    assert needed > 8 * 10**14
    X = np.broadcast_to(np.ones(1), (10**7, 1))  # ten million inputs that take no memory
    with pytest.raises(MemoryError, match=f"the kernel needs about {needed:,} bytes at once, the device has"):
        empirical_kernel(lambda w, x: w * x[0], jnp.array(1.0), X)


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
