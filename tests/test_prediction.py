"""predict_linearized and gradient_flow against training that is really run, in the space of the parameters."""

import math
from functools import cache, partial
from typing import Any, NamedTuple

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import Problem, assert_close, networks, outputs, without_x64
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from ntklib import (
    Prediction,
    delta,
    empirical_kernel,
    features,
    gradient_descent,
    gradient_flow,
    linear_loss,
    linearize,
    mlp,
    predict_linearized,
)


class Closed(NamedTuple):
    """What the closed forms take."""

    K: jax.Array
    y: jax.Array
    phi0: jax.Array
    K_test: jax.Array
    phi0_test: jax.Array

    @property
    def largest(self) -> float:
        """λ_max(K)."""
        return float(np.linalg.eigvalsh(matrix(self.K))[-1])


def matrix(K: Any) -> np.ndarray:
    """(m1, m2, o, o) as (m1·o, m2·o), entry by entry."""
    K = cases.double(K)
    return K if K.ndim == 2 else np.block([[K[i, j] for j in range(K.shape[1])] for i in range(K.shape[0])])


def closed(problem: Problem) -> Closed:
    phi, w0, _, X, X2, y = problem
    K, K_test = jax.jit(lambda w0: (empirical_kernel(phi, w0, X), empirical_kernel(phi, w0, X2, X)))(w0)
    return Closed(K, y, jnp.asarray(outputs(phi, w0, X)), K_test, jnp.asarray(outputs(phi, w0, X2)))


def flat_form(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """The features A and the initial residual r_0, one row an input and output."""
    A = cases.jacobian(problem.phi, problem.w0, problem.X)
    residual = cases.double(outputs(problem.phi, problem.w0, problem.X)) - cases.double(problem.y)
    return A.reshape(-1, A.shape[-1]), residual.ravel()


def moved(problem: Problem, step: np.ndarray) -> Prediction:
    """Φ_lin at w0 + step, with the features formed."""
    phi, w0 = problem.phi, problem.w0
    return Prediction(*(outputs(phi, w0, X) + cases.jacobian(phi, w0, X) @ step for X in (problem.X, problem.X2)))


def assert_same(actual: Prediction, expected: Prediction, tol: float) -> None:
    assert_close(actual.train, expected.train, tol)
    assert_close(actual.test, expected.test, tol)


def _linear_in_w(dtype: str, o: int = 3) -> Problem:
    """All outputs have the same features, so K_ab = 0 for a ≠ b and K_aa is the same for all a."""
    return cases.make(lambda w, x: w @ jnp.tanh(x), (o, 4), np.random.default_rng(3).normal(size=(6, 4)), dtype, m=3)


def _repeated(dtype: str, phi: Any, shapes: Any) -> Problem:
    X = np.random.default_rng(5).normal(size=(7, 2))
    X[3] = X[0]  # with another target, so that K is singular and the data cannot be fitted
    return cases.make(phi, shapes, X, dtype, m=4)


def _wide(w: Any, x: Any) -> jax.Array:
    return w["c"] @ jnp.tanh(w["a"] @ x)


TRAINING = {
    "1 output": lambda dtype: cases.network((2, 8, 1), "tanh", "ntk", dtype, m=4),
    "3 outputs": lambda dtype: cases.network((2, 8, 3), "tanh", "ntk", dtype, m=3),
    "repeated input": lambda dtype: _repeated(dtype, _wide, {"a": (8, 2), "c": (8,)}),
    "repeated input, 2 outputs": lambda dtype: _repeated(dtype, _wide, {"a": (8, 2), "c": (2, 8)}),
    "fewer parameters than data": lambda dtype: _repeated(dtype, lambda w, x: w[0] @ jnp.tanh(x), [(2,)]),
}


@cache
def training(name: str, dtype: str = "float64") -> tuple[Problem, Closed]:
    problem = TRAINING[name](dtype)
    return problem, closed(problem)


@cache
def linearized(name: str) -> tuple[Any, Any]:
    """f_lin and Φ_lin."""
    phi, w0, _, X, _, y = training(name)[0]
    return linear_loss(phi, w0, X, y), linearize(phi, w0)


# Gradient descent, k steps


def descended(name: str, step_size: float, steps: int) -> Prediction:
    """Gradient descent really run on f_lin, and Φ_lin at its last iterate."""
    problem, (f_lin, phi_lin) = training(name)[0], linearized(name)
    w = gradient_descent(f_lin, problem.w0, step_size, steps).w
    return Prediction(outputs(phi_lin, w, problem.X), outputs(phi_lin, w, problem.X2))


# h λ_max: a small step, one whose largest contraction is negative (½ < h λ_max < 1), and one that diverges
@pytest.mark.parametrize("relative_step", [0.1, 0.8, 1.3])
@pytest.mark.parametrize("steps", [0, 1, 7])
@pytest.mark.parametrize("name", TRAINING)
def test_k_steps_of_gradient_descent(name, steps, relative_step):
    _, form = training(name)
    h = relative_step / form.largest
    assert_same(predict_linearized(*form, step_size=h, steps=steps), descended(name, h, steps), 1e-12)


@pytest.mark.parametrize("relative_step", [0.1, 0.8])
@pytest.mark.parametrize("name", TRAINING)
def test_ten_thousand_steps_of_gradient_descent(name, relative_step):
    _, form = training(name)
    h = relative_step / form.largest
    assert_same(predict_linearized(*form, step_size=h, steps=10_000), descended(name, h, 10_000), 1e-11)


@given(networks(), st.sampled_from([0.2, 0.9, 1.1]), st.integers(0, 5))
def test_k_steps_any_network(problem, relative_step, steps):
    form = closed(problem)
    h = relative_step / form.largest
    A, residual = flat_form(problem)
    step = np.zeros(A.shape[1])
    for _ in range(steps):
        step = step - h * 2 * A.T @ (A @ step + residual)
    prediction = jax.jit(partial(predict_linearized, step_size=h, steps=steps))(*form)
    assert_same(prediction, moved(problem, step), 100 * problem.tol)


def test_zero_steps_leave_the_model_as_it_is():
    _, form = training("3 outputs")
    prediction = predict_linearized(*form, step_size=1.0, steps=0)
    assert_same(prediction, Prediction(form.phi0, form.phi0_test), 1e-14)


def test_one_step_by_hand():
    # one parameter and one input: K = [[4]], r_0 = 1 − 4 = −3, h = 1/16: Φ moves by 2·(1/16)·4·3
    one = jnp.array([[4.0]]), jnp.array([4.0]), jnp.array([1.0]), jnp.array([[8.0]]), jnp.array([0.5])
    prediction = predict_linearized(*one, step_size=1 / 16, steps=1)
    assert (prediction.train[0], prediction.test[0]) == (2.5, 3.5)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_step_that_solves_the_problem_at_once(steps):
    # 1 − 2hλ = 0: what is left of the residual is exactly 0
    K, y = 4 * jnp.eye(2), jnp.array([1.0, -2.0])
    prediction = predict_linearized(K, y, jnp.ones(2), K, jnp.ones(2), step_size=1 / 8, steps=steps)
    assert_same(prediction, Prediction(y, y), 1e-15)


def test_small_steps_keep_their_digits():
    # 1 − (1 − 2hλ)^k = 2hλk up to (hλk)², which subtraction would lose below the rounding of 1
    K, y = jnp.eye(1), jnp.array([1e12])
    train = predict_linearized(K, y, jnp.zeros(1), K, jnp.zeros(1), step_size=1e-15, steps=3).test
    assert_close(train, [6e-3], 1e-12)


def test_astronomically_many_steps():
    _, form = training("1 output")
    h = 0.3 / form.largest
    limit = predict_linearized(*form, step_size=h, steps=math.inf)
    assert_same(predict_linearized(*form, step_size=h, steps=10**20), limit, 1e-9)


# The limit


@pytest.mark.parametrize("name", TRAINING)
def test_the_limit_is_the_minimum_norm_solution_from_w0(name):
    # w_∞ = w0 − A† r_0: of all minimizers of f_lin the one closest to w0
    problem, form = training(name)
    A, residual = flat_form(problem)
    expected = moved(problem, -np.linalg.lstsq(A, residual)[0])
    assert_same(predict_linearized(*form, step_size=0.9 / form.largest, steps=math.inf), expected, 1e-10)
    assert_same(gradient_flow(*form, time=math.inf), expected, 1e-10)


@pytest.mark.parametrize("name", ["repeated input", "fewer parameters than data"])
def test_the_limit_of_a_singular_kernel_does_not_fit_the_data(name):
    _, form = training(name)
    train = gradient_flow(*form, time=math.inf).train
    assert abs(train[0] - train[3]) < 1e-12 < abs(form.y[0] - form.y[3])  # the same input: the same output


def test_the_limit_fits_the_data_where_the_kernel_is_regular():
    _, form = training("3 outputs")
    assert_close(predict_linearized(*form, step_size=0.5 / form.largest, steps=math.inf).train, form.y, 1e-12)


@pytest.mark.parametrize("relative_step", [1.0, 1.0001, 20.0])
def test_the_limit_refuses_a_step_size_that_does_not_converge(relative_step):
    K, y = jnp.diag(jnp.array([1.0, 4.0])), jnp.ones(2)
    with pytest.raises(ValueError, match=r"^step_size: expected below 1/λ_max\(K\) = 0.25, .*, got"):
        predict_linearized(K, y, y, step_size=0.25 * relative_step, steps=math.inf)
    predict_linearized(K, y, y, step_size=0.25 * 0.9999, steps=math.inf)
    predict_linearized(K, y, y, step_size=0.25 * relative_step, steps=3)  # divergence is worth seeing


def test_the_limit_refuses_an_indefinite_kernel():
    K, y = jnp.diag(jnp.array([1.0, -0.5])), jnp.ones(2)
    with pytest.raises(ValueError, match=r"^K: expected a positive semidefinite kernel, got an eigenvalue -0.5"):
        predict_linearized(K, y, y, step_size=0.1, steps=math.inf)
    with pytest.raises(ValueError, match=r"^K: expected a positive semidefinite kernel, got an eigenvalue -0.5"):
        gradient_flow(K, y, y, time=math.inf)


def test_the_limit_of_the_zero_kernel_is_the_model_itself():
    K, y, phi0 = jnp.zeros((2, 2)), jnp.ones(2), jnp.array([3.0, 4.0])
    prediction = predict_linearized(K, y, phi0, K, phi0, step_size=1e6, steps=math.inf)
    assert_same(prediction, Prediction(phi0, phi0), 0.0)


def test_rcond_says_which_eigenvalues_are_zero():
    K, y, phi0 = jnp.diag(jnp.array([1.0, 1e-4])), jnp.ones(2), jnp.zeros(2)
    for rcond, fitted in ((None, [1.0, 1.0]), (1e-5, [1.0, 1.0]), (1e-3, [1.0, 0.0])):
        np.testing.assert_array_equal(gradient_flow(K, y, phi0, time=math.inf, rcond=rcond).train, fitted)
        limit = predict_linearized(K, y, phi0, step_size=0.5, steps=math.inf, rcond=rcond)
        np.testing.assert_array_equal(limit.train, fitted)


# Gradient flow


@pytest.mark.parametrize("relative_time", [0.0, 0.3, 2.0, 50.0])
@pytest.mark.parametrize("name", TRAINING)
def test_flow_is_the_matrix_exponential(name, relative_time):
    # in the parameters: dw/dt = −∇f_lin(w) = −H (w − w0) − ∇f_lin(w0), with H and ∇f_lin(w0) taken from f_lin itself
    problem, form = training(name)
    t = relative_time / form.largest
    A, residual = flat_form(problem)
    n = A.shape[1]
    equation = np.block([[-2 * A.T @ A, -2 * A.T @ residual[:, None]], [np.zeros((1, n + 1))]])
    step = expm(t * equation)[:n, n]
    assert_same(gradient_flow(*form, time=t), moved(problem, step), 1e-11)


@pytest.mark.parametrize("name", ["1 output", "repeated input, 2 outputs"])
def test_flow_is_the_limit_of_small_steps(name):
    _, form = training(name)
    t, k = 2 / form.largest, 10**7
    assert_same(predict_linearized(*form, step_size=t / k, steps=k), gradient_flow(*form, time=t), 1e-6)


def test_flow_is_followed_by_gradient_descent_with_small_steps():
    _, form = training("1 output")
    t, k = 1 / form.largest, 20_000
    assert_same(gradient_flow(*form, time=t), descended("1 output", t / k, k), 1e-4)


@pytest.mark.parametrize("time", [0.0, 0.01, 0.3, 5.0, None])
def test_against_the_reference(time):
    # The reference flows along half the MEAN of squares over the 8 outputs, so that dΦ/dt = −(1/8) K r there, and
    # along the sum of squares here, so that dΦ/dt = −2 K r: the time t there is t/16 here.
    data = np.load(cases.REFERENCE / "predict.npz")
    here = math.inf if time is None else time / 16
    prediction = gradient_flow(*(data[name] for name in ("ktt", "y", "f0", "kst", "fs0")), time=here)
    assert_same(prediction, Prediction(data[f"train@{time}"], data[f"test@{time}"]), 1e-10)


# Shapes, dtypes, transformations


def predictors():
    predict = {
        "steps": lambda *form: predict_linearized(*form, step_size=0.01, steps=7),
        "limit": lambda *form: predict_linearized(*form, step_size=0.01, steps=math.inf),
        "flow": lambda *form: gradient_flow(*form, time=0.03),
    }
    return pytest.mark.parametrize("predict", predict.values(), ids=predict)


@predictors()
def test_one_kernel_for_all_outputs_is_the_full_kernel(predict):
    form = closed(_linear_in_w("float64"))
    shared = form._replace(K=form.K[:, :, 0, 0], K_test=form.K_test[:, :, 0, 0])
    assert_same(predict(*shared), Prediction(*predict(*form)), 1e-12)
    for a in range(3):  # and each output is trained on its own
        one = Closed(shared.K, form.y[:, a], form.phi0[:, a], shared.K_test, form.phi0_test[:, a])
        expected = Prediction(*(part[:, a] for part in predict(*shared)))
        assert_same(predict(*one), expected, 1e-12)


@predictors()
def test_without_test_inputs(predict):
    _, form = training("3 outputs")
    alone = predict(*form[:3])
    assert alone.test is None
    np.testing.assert_array_equal(alone.train, predict(*form).train)


@predictors()
@pytest.mark.parametrize("name", ["1 output", "3 outputs", "repeated input"])
def test_single_precision(name, predict):
    # the closed form in float32 against itself in float64 on the same numbers
    _, form = training(name, "float32")
    single, double = predict(*form), predict(*(cases.double(part) for part in form))
    assert (single.train.dtype, single.test.dtype) == ("float32", "float32")
    assert_same(single, Prediction(*double), 1e-4)


@predictors()
def test_under_jit(predict):
    _, form = training("3 outputs")
    assert_same(jax.jit(predict)(*form), Prediction(*predict(*form)), 1e-12)


def test_under_vmap_over_the_targets():
    _, form = training("1 output")
    ys = jnp.stack([form.y, 2 * form.y])

    def test_output(y):
        return predict_linearized(form.K, y, *form[2:], step_size=0.01, steps=7).test

    assert_close(jax.vmap(test_output)(ys), [test_output(y) for y in ys], 1e-12)


@pytest.mark.parametrize("steps", [2, 7])
def test_gradient_with_respect_to_kernel_and_targets(steps):
    _, form = training("1 output")
    h = 0.8 / form.largest

    @jax.jit
    def total(K, y):
        prediction = predict_linearized(K, y, *form[2:], step_size=h, steps=steps)
        return jnp.sum(prediction.train**2) + jnp.sum(prediction.test**2)

    direction = np.random.default_rng(0).normal(size=form.K.shape)
    direction = jnp.asarray(direction + direction.T), jnp.asarray(np.random.default_rng(1).normal(size=form.y.shape))
    gradients = jax.grad(total, (0, 1))(form.K, form.y)
    by_gradient = sum(jnp.vdot(g, d) for g, d in zip(gradients, direction, strict=True))
    ahead, behind = (total(form.K + e * direction[0], form.y + e * direction[1]) for e in (1e-6, -1e-6))
    assert_close(by_gradient, (ahead - behind) / 2e-6, 1e-6)


def test_everything_in_float32_as_jax_starts():
    init, phi = mlp((2, 8, 3), activation="tanh", parametrization="ntk", bias_std=0.5)

    @jax.jit
    def everything(key):
        w0, X, y = init(key), jax.random.normal(key, (4, 2)), jax.random.normal(key, (4, 3))
        K, phi0 = empirical_kernel(phi, w0, X), jax.vmap(phi, (None, 0))(w0, X)
        prediction = predict_linearized(K, y, phi0, K, phi0, step_size=0.01, steps=20)
        run = gradient_descent(linear_loss(phi, w0, X, y), w0, 0.01, 20)
        trained = jax.vmap(linearize(phi, w0), (None, 0))(run.w, X)
        return prediction, trained, run, w0, K, features(phi, w0, X), delta(phi, w0, X, y)

    with without_x64():
        prediction, trained, *rest = everything(jax.random.key(0))
    assert {leaf.dtype.name for leaf in jax.tree.leaves((prediction, trained, rest))} == {"float32"}
    assert_same(prediction, Prediction(trained, trained), 1e-5)


# Bad input

FORM = {
    "K": jnp.eye(2),
    "y": jnp.ones(2),
    "phi0": jnp.zeros(2),
    "K_test": jnp.ones((3, 2)),
    "phi0_test": jnp.zeros(3),
}
TWO_OUTPUTS = {"y": jnp.ones((2, 3)), "phi0": jnp.ones((2, 3)), "phi0_test": jnp.ones((3, 3))}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        # shapes: nothing is broadcast
        ({"phi0": jnp.zeros((2, 1))}, ValueError, r"^phi0: expected the shape of y, \(2,\), got \(2, 1\)"),
        ({"y": jnp.ones((2, 1))}, ValueError, r"^phi0: expected the shape of y, \(2, 1\), got \(2,\)"),
        ({"y": jnp.ones(())}, ValueError, r"^y: expected shape \(m,\) or \(m, o\) with at least one target, got \(\)"),
        ({"y": jnp.ones(0), "phi0": jnp.ones(0)}, ValueError, r"^y: expected shape .* at least one target, got \(0,\)"),
        ({"y": jnp.ones((2, 0))}, ValueError, r"^y: expected shape .* with at least one target, got \(2, 0\)"),
        ({"K": jnp.eye(3)}, ValueError, r"^K: expected shape \(2, 2\) to fit y, got \(3, 3\)"),
        ({"K": jnp.ones((2, 3))}, ValueError, r"^K: expected shape \(2, 2\) to fit y, got \(2, 3\)"),
        ({"K": jnp.ones((2, 2, 1, 1))}, ValueError, r"^K: expected shape \(2, 2\) to fit y, got \(2, 2, 1, 1\)"),
        (
            TWO_OUTPUTS | {"K": jnp.eye(6)},
            ValueError,
            r"^K: expected shape \(2, 2\) or \(2, 2, 3, 3\) to",
        ),
        ({"K_test": jnp.ones((2, 3))}, ValueError, r"^K_test: expected shape \(3, 2\) to fit .*, got \(2, 3\)"),
        (TWO_OUTPUTS | {"K_test": jnp.ones((3, 2, 3, 3))}, ValueError, r"^K_test: expected shape \(3, 2\) to fit"),
        ({"phi0_test": jnp.ones((3, 1))}, ValueError, r"^phi0_test: expected shape \(m_test, …\) .*, got \(3, 1\)"),
        ({"phi0_test": jnp.ones(0), "K_test": jnp.ones((0, 2))}, ValueError, r"^phi0_test: expected .*, got \(0,\)"),
        ({"phi0_test": None}, ValueError, r"^phi0_test: expected with the other of K_test and phi0_test, got None"),
        ({"K_test": None}, ValueError, r"^K_test: expected with the other of K_test and phi0_test, got None"),
        # dtypes and entries
        ({"K": [[1.0, 0.0], [0.0, 1.0]]}, TypeError, r"^K: expected an array of floats, got list"),
        ({"K": jnp.eye(2, dtype=int)}, TypeError, r"^K: expected an array of floats, got dtype int64"),
        ({"y": jnp.array([1, 2])}, TypeError, r"^y: expected an array of floats, got dtype int64"),
        ({"y": jnp.ones(2, "float32")}, TypeError, r"^y: expected the dtype of K, float64, got float32"),
        ({"phi0": jnp.ones(2, "float32")}, TypeError, r"^phi0: expected the dtype of K, float64, got float32"),
        ({"K_test": jnp.ones((3, 2), "float32")}, TypeError, r"^K_test: expected the dtype of K, float64, got float32"),
        ({"phi0_test": jnp.ones(3, int)}, TypeError, r"^phi0_test: expected an array of floats, got dtype int64"),
        ({"K": jnp.array([[1.0, np.nan], [np.nan, 1.0]])}, ValueError, r"^K: expected finite numbers"),
        ({"y": jnp.array([1.0, np.inf])}, ValueError, r"^y: expected finite numbers"),
        ({"phi0": jnp.array([1.0, np.nan])}, ValueError, r"^phi0: expected finite numbers"),
        ({"K_test": jnp.full((3, 2), np.nan)}, ValueError, r"^K_test: expected finite numbers"),
        ({"phi0_test": jnp.full(3, np.nan)}, ValueError, r"^phi0_test: expected finite numbers"),
        ({"K": jnp.array([[1.0, 0.1], [0.2, 1.0]])}, ValueError, r"^K: expected a symmetric kernel, .* differ by 0.1"),
    ],
)
@pytest.mark.parametrize("function", [predict_linearized, gradient_flow])
def test_bad_arrays(function, change, error, message):
    time = {"time": 1.0} if function is gradient_flow else {"step_size": 0.1, "steps": 2}
    with pytest.raises(error, match=message):
        function(**(FORM | change), **time)


def test_kernel_that_is_asymmetric_between_outputs():
    K = jnp.zeros((1, 1, 2, 2)).at[0, 0].set(jnp.array([[1.0, 0.5], [0.0, 1.0]]))
    with pytest.raises(ValueError, match=r"^K: expected a symmetric kernel"):
        gradient_flow(K, jnp.ones((1, 2)), jnp.ones((1, 2)), time=1.0)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"step_size": 0.0}, ValueError, r"^step_size: expected a finite number above 0, got 0.0"),
        ({"step_size": -1.0}, ValueError, r"^step_size: expected a finite number above 0, got -1.0"),
        ({"step_size": math.nan}, ValueError, r"^step_size: expected a finite number above 0, got nan"),
        ({"step_size": math.inf}, ValueError, r"^step_size: expected a finite number above 0, got inf"),
        ({"step_size": "0.1"}, TypeError, r"^step_size: expected a number, got '0.1'"),
        ({"step_size": None}, TypeError, r"^step_size: expected a number, got None"),
        ({"steps": -1}, ValueError, r"^steps: expected a whole number of at least 0, got -1"),
        ({"steps": 7.0}, TypeError, r"^steps: expected a whole number, got 7.0"),
        ({"steps": True}, TypeError, r"^steps: expected a whole number, got True"),
        ({"steps": math.nan}, TypeError, r"^steps: expected a whole number, got nan"),
        ({"steps": -math.inf}, TypeError, r"^steps: expected a whole number, got -inf"),
        ({"steps": math.inf, "rcond": -1.0}, ValueError, r"^rcond: expected a finite number of at least 0, got -1.0"),
        (
            {"steps": math.inf, "rcond": math.nan},
            ValueError,
            r"^rcond: expected a finite number of at least 0, got nan",
        ),
    ],
)
def test_bad_steps(change, error, message):
    with pytest.raises(error, match=message):
        predict_linearized(**FORM, **({"step_size": 0.1, "steps": 2} | change))


@pytest.mark.parametrize(
    ("time", "error", "message"),
    [
        (-1e-9, ValueError, r"^time: expected a time of at least 0, got -1e-09"),
        (-math.inf, ValueError, r"^time: expected a time of at least 0, got -inf"),
        (math.nan, ValueError, r"^time: expected a time of at least 0, got nan"),
        ("1", TypeError, r"^time: expected a number, got '1'"),
        (None, TypeError, r"^time: expected a number, got None"),
    ],
)
def test_bad_time(time, error, message):
    with pytest.raises(error, match=message):
        gradient_flow(**FORM, time=time)


def test_a_zero_eigenvalue_is_not_learnt_however_long_one_trains():
    """Rounding leaves 1e-17 where K has a zero; 10^17 steps would learn it if it were taken at its word."""
    features = jax.random.normal(jax.random.key(5), (6, 3))
    K, y, phi0 = features @ features.T, jnp.arange(6.0), jnp.zeros(6)
    K_test, phi0_test = features[:2] @ features.T, jnp.zeros(2)
    h = 0.4 / float(jnp.linalg.eigvalsh(K)[-1])
    limit = predict_linearized(K, y, phi0, K_test, phi0_test, step_size=h, steps=math.inf)
    for prediction in (
        predict_linearized(K, y, phi0, K_test, phi0_test, step_size=h, steps=10**17),
        gradient_flow(K, y, phi0, K_test, phi0_test, time=1e17),
    ):
        np.testing.assert_allclose(prediction.train, limit.train, rtol=1e-12)
        np.testing.assert_allclose(prediction.test, limit.test, rtol=1e-12)
