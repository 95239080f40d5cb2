"""features, delta, loss and linear_loss against their definitions, and both forms of f_lin against each other."""

from functools import partial

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import Problem, assert_close, networks, outputs
from hypothesis import given

from ntklib import delta, features, linear_loss, linearize, loss

SHAPES_OF_TARGETS = [(5, 1), (4,), (), (1, 5), (5, 5)]


def check_both_forms(problem: Problem, tol: float) -> None:
    """Σ(Φ_lin(x_i, w) − y_i)² and Σ(⟨φ(x_i), w⟩ + δ_i)²: ntklib's, and the second with the features formed."""
    phi, w0, X, y = problem.phi, problem.w0, problem.X, problem.y

    @jax.jit
    def evaluate(w):
        first, second = loss(linearize(phi, w0), X, y), linear_loss(phi, w0, X, y)
        return jax.value_and_grad(first)(w), jax.value_and_grad(second)(w), features(phi, w0, X), delta(phi, w0, X, y)

    (first, gradient), (second, gradient_2), Phi, offsets = evaluate(problem.w)
    residual = cases.double(Phi) @ cases.flat(problem.w) + cases.double(offsets)
    assert_close(second, first, tol)
    assert_close(np.sum(residual**2), first, tol)
    assert_close(cases.flat(gradient_2), cases.flat(gradient), tol)
    assert_close(2 * np.tensordot(residual, Phi, residual.ndim), cases.flat(gradient), tol)


def test_both_forms_of_the_linear_loss(problem):
    check_both_forms(problem, problem.tol)


@given(networks())
def test_both_forms_of_the_linear_loss_any_network(problem):
    check_both_forms(problem, 20 * problem.tol)


def test_features_are_the_gradients(problem):
    actual = features(problem.phi, problem.w0, problem.X)
    assert actual.dtype == problem.y.dtype
    assert_close(actual, cases.jacobian(problem.phi, problem.w0, problem.X), problem.tol)


def test_features_have_the_columns_of_ravel_pytree():
    w0 = {"b": jnp.array([3.0, 4.0]), "a": jnp.array(2.0)}
    Phi = features(lambda w, x: w["a"] + x @ w["b"], w0, jnp.array([[10.0, 20.0]]))
    np.testing.assert_array_equal(Phi, [[1.0, 10.0, 20.0]])


def test_features_need_one_dtype():
    w0 = {"single": jnp.ones(2, "float32"), "double": jnp.ones(2)}
    with pytest.raises(TypeError, match=r"^w0: expected one dtype.*float32.*float64"):
        features(lambda w, x: w["double"] @ x, w0, jnp.ones((1, 2)))


def test_delta_is_value_minus_gradient_times_w0_minus_target(problem):
    value = outputs(problem.phi, problem.w0, problem.X)
    derivative = cases.jacobian(problem.phi, problem.w0, problem.X) @ cases.flat(problem.w0)
    expected = value - derivative - cases.double(problem.y)
    actual = jax.jit(partial(delta, problem.phi))(problem.w0, problem.X, problem.y)
    assert actual.dtype == problem.y.dtype
    assert_close(actual, expected, problem.tol)


def test_delta_of_a_linear_model_is_minus_the_targets():
    X, y = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([5.0, 6.0])
    np.testing.assert_array_equal(delta(lambda w, x: w @ x, jnp.array([0.5, 0.25]), X, y), -y)


def test_loss_is_the_sum_of_squares(problem):
    value, gradient = jax.jit(jax.value_and_grad(loss(problem.phi, problem.X, problem.y)))(problem.w)
    residual = cases.double(outputs(problem.phi, problem.w, problem.X)) - cases.double(problem.y)
    Phi = cases.jacobian(problem.phi, problem.w, problem.X)
    assert value.dtype == problem.y.dtype
    assert_close(value, np.sum(residual**2), problem.tol)
    # the gradient carries the factor 2 and nothing else
    assert_close(cases.flat(gradient), 2 * np.tensordot(residual, Phi, residual.ndim), problem.tol)


def test_losses_touch_at_w0(problem):
    @jax.jit
    def evaluate(w):
        f, f_lin = loss(problem.phi, problem.X, problem.y), linear_loss(problem.phi, problem.w0, problem.X, problem.y)
        return jax.value_and_grad(f)(w), jax.value_and_grad(f_lin)(w)

    (value, gradient), (value_lin, gradient_lin) = evaluate(problem.w0)
    assert_close(value_lin, value, problem.tol)
    assert_close(cases.flat(gradient_lin), cases.flat(gradient), problem.tol)


@pytest.mark.parametrize("name", ["one number", "nested tree, 2 outputs"])
def test_without_jit(name):
    phi, w0, w, X, _, y = cases.get_problem(name)
    residual = cases.jacobian(phi, w0, X) @ cases.flat(w) + cases.double(delta(phi, w0, X, y))
    assert_close(linear_loss(phi, w0, X, y)(w), np.sum(residual**2), 1e-12)
    assert_close(loss(phi, X, y)(w), np.sum((outputs(phi, w, X) - np.asarray(y)) ** 2), 1e-12)


def test_linear_loss_of_a_mixed_tree():
    def phi(w, x):
        return w["single"].astype("float64") ** 2 * w["double"] * x

    w0 = {"single": jnp.array(3.0, "float32"), "double": jnp.array(2.0)}
    w = {"single": jnp.array(3.5, "float32"), "double": jnp.array(1.0)}
    X, y = jnp.array([10.0]), jnp.array([100.0])
    # Φ = 180, ⟨φ, w0⟩ = 10·(2·3·2·3 + 9·2) = 540, ⟨φ, w⟩ = 10·(2·3·2·3.5 + 9·1) = 510
    np.testing.assert_array_equal(delta(phi, w0, X, y), [180.0 - 540.0 - 100.0])
    assert linear_loss(phi, w0, X, y)(w) == (510.0 + 180.0 - 540.0 - 100.0) ** 2


@pytest.mark.parametrize("shape", SHAPES_OF_TARGETS)
@pytest.mark.parametrize("function", [delta, linear_loss])
def test_targets_are_never_broadcast(function, shape):
    with pytest.raises(ValueError, match=r"^y: expected shape \(5,\), one target for each input and output"):
        function(lambda w, x: w @ x, jnp.ones(2), jnp.ones((5, 2)), jnp.ones(shape))


@pytest.mark.parametrize("shape", SHAPES_OF_TARGETS)
def test_targets_of_the_loss_are_never_broadcast(shape):
    f = loss(lambda w, x: w @ x, jnp.ones((5, 2)), jnp.ones(shape))
    with pytest.raises(ValueError, match=r"^y: expected shape \(5,\)"):
        f(jnp.ones(2))


@pytest.mark.parametrize("shape", [(5,), (5, 2), (3, 5), (5, 3, 1)])
def test_targets_of_three_outputs(shape):
    with pytest.raises(ValueError, match=r"^y: expected shape \(5, 3\)"):
        delta(lambda w, x: w @ x, jnp.ones((3, 2)), jnp.ones((5, 2)), jnp.ones(shape))


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([1.0, 2.0], TypeError, "^y: expected an array of floats, got list"),
        (jnp.array([1, 2]), TypeError, "^y: expected an array of floats, got dtype int"),
        (jnp.array([1.0, 2.0], "float32"), TypeError, "^y: expected dtype float64 as the model's output, got float32"),
        (np.array([1.0, np.nan]), ValueError, "^y: expected finite numbers, got NaN or infinity"),
    ],
)
def test_targets_must_be_finite_floats_of_the_model(y, error, message):
    phi, w0, X = (lambda w, x: w @ x), jnp.ones(2), jnp.ones((2, 2))
    with pytest.raises(error, match=message):
        delta(phi, w0, X, y)
    with pytest.raises(error, match=message):
        linear_loss(phi, w0, X, y)
    with pytest.raises(error, match=message):
        loss(phi, X, y)(w0)


def test_linear_loss_wants_w_like_w0():
    f_lin = linear_loss(lambda w, x: w @ x, jnp.ones(2), jnp.ones((1, 2)), jnp.ones(1))
    with pytest.raises(ValueError, match=r"^w: expected shape \(2,\) as in w0, got \(3,\)"):
        f_lin(jnp.ones(3))
