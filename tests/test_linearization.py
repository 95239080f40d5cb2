"""linearize and taylor_expand against derivatives taken in other ways."""

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import Problem, assert_close, networks, outputs
from hypothesis import given
from jax.flatten_util import ravel_pytree

from ntklib import linearize, taylor_expand


def expected_linearization(problem: Problem) -> np.ndarray:
    """Φ(x, w0) + ⟨∇_wΦ(x, w0), w − w0⟩ with the gradient formed."""
    gradients = cases.jacobian(problem.phi, problem.w0, problem.X)
    return outputs(problem.phi, problem.w0, problem.X) + gradients @ (cases.flat(problem.w) - cases.flat(problem.w0))


def towards_w(problem: Problem, t: float) -> np.ndarray:
    """Φ(X, w0 + t (w − w0))."""
    w = jax.tree.map(lambda p0, p: p0 + t * (p - p0), problem.w0, problem.w)
    return outputs(problem.phi, w, problem.X)


def test_linearize_is_value_plus_gradient_times_step(problem):
    phi_lin = linearize(problem.phi, problem.w0)
    actual = outputs(phi_lin, problem.w, problem.X)
    assert actual.dtype == problem.y.dtype
    assert_close(actual, expected_linearization(problem), problem.tol)


@given(networks())
def test_linearize_any_network(problem):
    phi_lin = linearize(problem.phi, problem.w0)
    assert_close(outputs(phi_lin, problem.w, problem.X), expected_linearization(problem), 10 * problem.tol)


@pytest.mark.parametrize("name", cases.PROBLEMS)
def test_linearize_against_finite_differences(name):
    problem, epsilon = cases.get_problem(name), 1e-5
    difference = towards_w(problem, epsilon) - towards_w(problem, -epsilon)
    phi_lin = linearize(problem.phi, problem.w0)
    actual = outputs(phi_lin, problem.w, problem.X) - outputs(problem.phi, problem.w0, problem.X)
    assert_close(actual, difference / (2 * epsilon), 1e-8)


def test_linearize_is_the_model_at_w0(problem):
    at_w0 = outputs(linearize(problem.phi, problem.w0), problem.w0, problem.X)
    assert_close(at_w0, outputs(problem.phi, problem.w0, problem.X), problem.tol)


def test_linearize_has_the_same_gradient_everywhere(problem):
    phi_lin = linearize(problem.phi, problem.w0)
    expected = cases.jacobian(problem.phi, problem.w0, problem.X)
    assert_close(cases.jacobian(phi_lin, problem.w, problem.X), expected, problem.tol)


@pytest.mark.parametrize("expand", [linearize, lambda phi, w0: taylor_expand(phi, w0, 1)], ids=["linear", "order 1"])
@pytest.mark.parametrize("name", ["one number", "nested tree, 2 outputs"])
def test_one_input_without_jit_and_vmap(name, expand):
    problem = cases.get_problem(name)
    value = expand(problem.phi, problem.w0)(problem.w, problem.X[0])
    assert_close(value, expected_linearization(problem)[0], problem.tol)


def test_linearize_keeps_the_dtypes_of_a_mixed_tree():
    def phi(w, x):
        return w["single"].astype("float64") ** 2 * w["double"] * x

    w0 = {"single": jnp.array(3.0, "float32"), "double": jnp.array(2.0)}
    w = {"single": jnp.array(3.5, "float32"), "double": jnp.array(1.0)}
    for phi_lin in (linearize(phi, w0), taylor_expand(phi, w0, 1)):
        value = phi_lin(w, jnp.array(10.0))
        assert value.dtype == "float64"
        assert_close(value, 10 * (18 + 2 * 3 * 2 * 0.5 + 9 * -1), 1e-15)


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4])
def test_taylor_is_exact_for_a_polynomial_of_its_order(degree):
    def phi(w, x):
        return jnp.sum(x * (w["a"] @ w["b"] + w["c"]) ** 0) + sum((w["c"] * x[j]) ** j for j in range(1, degree + 1))

    w0 = {"a": jnp.array([1.0, 2.0]), "b": jnp.array([-0.5, 0.3]), "c": jnp.array(0.7)}
    w, x = cases.normal(w0, 0), jnp.arange(1.0, 6.0)
    assert_close(taylor_expand(phi, w0, degree)(w, x), phi(w, x), 1e-12)
    if degree:  # and no lower order is
        assert abs(taylor_expand(phi, w0, degree - 1)(w, x) - phi(w, x)) > 1e-3


def test_taylor_of_mixed_products():
    # w1·w2·w3 has no pure third derivative, only mixed ones
    w0, w = jnp.array([1.0, 2.0, 3.0]), jnp.array([1.5, 1.0, 5.0])
    assert_close(taylor_expand(lambda w, x: x * jnp.prod(w), w0, 3)(w, jnp.array(2.0)), 15.0, 1e-15)


def test_taylor_of_order_0_and_1(problem):
    constant, linear = (taylor_expand(problem.phi, problem.w0, order) for order in (0, 1))
    at_w0 = outputs(problem.phi, problem.w0, problem.X)
    assert_close(outputs(constant, problem.w, problem.X), at_w0, problem.tol)
    assert_close(outputs(linear, problem.w, problem.X), expected_linearization(problem), problem.tol)


def test_taylor_of_order_2_has_the_hessian(problem):
    vector0, unravel = ravel_pytree(problem.w0)
    step = cases.flat(problem.w) - cases.flat(problem.w0)
    hessian = jax.jit(jax.hessian(lambda v: jax.vmap(problem.phi, (None, 0))(unravel(v), problem.X)))(vector0)
    expected = expected_linearization(problem) + cases.double(hessian) @ step @ step / 2
    actual = outputs(taylor_expand(problem.phi, problem.w0, 2), problem.w, problem.X)
    assert actual.dtype == problem.y.dtype
    assert_close(actual, expected, problem.tol)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_taylor_remainder_falls_with_the_next_power_of_the_step(order):
    problem = cases.get_problem("mlp, 3 outputs")
    expansion = problem._replace(phi=taylor_expand(problem.phi, problem.w0, order))
    near, far = (np.linalg.norm(towards_w(expansion, t) - towards_w(problem, t)) for t in (1e-2, 2e-2))
    assert abs(np.log2(far / near) - (order + 1)) < 0.1


@pytest.mark.parametrize("name", cases.REFERENCE_NAMES)
def test_against_the_reference(name):
    network = cases.reference(name)
    phi_lin, phi_2 = linearize(network.phi, network.w0), taylor_expand(network.phi, network.w0, 2)
    X = network.values["x1"]
    assert_close(outputs(network.phi, network.w0, X), network.values["f"], 1e-10)
    assert_close(outputs(phi_lin, network.w, X), network.values["f_lin"], 1e-10)
    assert_close(outputs(phi_2, network.w, X), network.values["f_taylor2"], 1e-10)


@pytest.mark.parametrize(("order", "error"), [(-1, ValueError), (1.0, TypeError), (True, TypeError), ("1", TypeError)])
def test_order_must_be_a_whole_number(order, error):
    with pytest.raises(error, match=r"^order: expected a whole number"):
        taylor_expand(lambda w, x: w * x, jnp.array(1.0), order)


@pytest.mark.parametrize(
    ("w", "error", "message"),
    [
        ([jnp.ones(2)], ValueError, "^w: expected the tree of w0"),
        ({"a": jnp.ones(3)}, ValueError, r"^w\['a'\]: expected shape \(2,\) as in w0, got \(3,\)"),
        ({"a": jnp.ones((2, 1))}, ValueError, r"^w\['a'\]: expected shape"),
        ({"a": jnp.ones(2, "float32")}, TypeError, r"^w\['a'\]: expected dtype float64 as in w0, got float32"),
        ({"a": jnp.ones(2, "int64")}, TypeError, r"^w\['a'\]: expected an array of floats, got dtype int64"),
    ],
)
@pytest.mark.parametrize("expand", [linearize, lambda phi, w0: taylor_expand(phi, w0, 2)], ids=["linear", "order 2"])
def test_w_must_be_like_w0(expand, w, error, message):
    expansion = expand(lambda w, x: w["a"] @ x, {"a": jnp.ones(2)})
    with pytest.raises(error, match=message):
        expansion(w, jnp.ones(2))
