"""What every function of ntklib refuses: the argument is named, and what came and what was expected is said."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import without_x64

from ntklib import (
    delta,
    empirical_kernel,
    features,
    gradient_descent,
    linear_loss,
    linearize,
    loss,
    taylor_expand,
)


def phi(w, x):
    return w["a"] @ x


W0 = {"a": jnp.ones(2)}
X = jnp.ones((3, 2))

ALL = {
    "linearize": lambda phi=phi, w0=W0, X=X: linearize(phi, w0),
    "taylor_expand": lambda phi=phi, w0=W0, X=X: taylor_expand(phi, w0, 2),
    "features": lambda phi=phi, w0=W0, X=X: features(phi, w0, X),
    "empirical_kernel": lambda phi=phi, w0=W0, X=X: empirical_kernel(phi, w0, X),
    "delta": lambda phi=phi, w0=W0, X=X: delta(phi, w0, X, jnp.ones(3)),
    "linear_loss": lambda phi=phi, w0=W0, X=X: linear_loss(phi, w0, X, jnp.ones(3)),
    "loss": lambda phi=phi, w0=W0, X=X: loss(phi, X, jnp.ones(3)),
    "gradient_descent": lambda phi=phi, w0=W0, X=X: gradient_descent(lambda w: jnp.sum(w["a"]), w0, 0.1, 1),
}


def those_with(argument: str):
    absent = {"phi": ["gradient_descent"], "w0": ["loss"], "X": ["linearize", "taylor_expand", "gradient_descent"]}
    return pytest.mark.parametrize("function", [name for name in ALL if name not in absent[argument]])


class Unhashable:
    __hash__ = None

    def __call__(self, w, x):
        return phi(w, x)


@those_with("phi")
@pytest.mark.parametrize(
    ("model", "message"),
    [
        (3.0, r"^phi: expected a function phi\(w, x\), got float"),
        (None, r"^phi: expected a function phi\(w, x\), got NoneType"),
        (Unhashable(), r"^phi: expected a hashable function, got an unhashable Unhashable; wrap it: lambda w, x"),
    ],
    ids=["number", "None", "unhashable"],
)
def test_model_must_be_a_hashable_function(function, model, message):
    with pytest.raises(TypeError, match=message):
        ALL[function](phi=model)


@pytest.mark.parametrize("function", ["features", "empirical_kernel", "delta", "linear_loss"])
@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (lambda w, x: (x[0], x[1]), TypeError, r"^phi: expected one array as output, got tuple"),
        (
            lambda w, x: jnp.outer(x, x),
            ValueError,
            r"^phi: expected an output of shape \(\) or \(o,\) .* \(2, 2\)",
        ),
        (lambda w, x: x[:0], ValueError, r"^phi: expected an output of shape \(\) or \(o,\) for one input, got \(0,\)"),
        (lambda w, x: jnp.argmax(x), TypeError, r"^phi: expected an output of floats, got dtype int64"),
        (
            lambda w, x: phi(w, x).astype("complex128"),
            TypeError,
            r"^phi: expected an output of floats, got dtype complex",
        ),
    ],
    ids=["tuple", "matrix", "empty", "integer", "complex"],
)
def test_model_must_give_a_number_or_a_vector(function, model, error, message):
    with pytest.raises(error, match=message):
        ALL[function](phi=model)


@those_with("w0")
@pytest.mark.parametrize(
    ("w0", "error", "message"),
    [
        ({"a": jnp.array([1, 2])}, TypeError, r"^w0\['a'\]: expected an array of floats, got dtype int64"),
        ({"a": jnp.array([1j, 2j])}, TypeError, r"^w0\['a'\]: expected an array of floats, got dtype complex128"),
        ({"a": jnp.array([True, False])}, TypeError, r"^w0\['a'\]: expected an array of floats, got dtype bool"),
        ({"a": [1.0, 2.0]}, TypeError, r"^w0\['a'\]\[0\]: expected an array of floats, got float"),
        ({"a": "weights"}, TypeError, r"^w0\['a'\]: expected an array of floats, got str"),
        ({"a": jax.random.key(0)}, TypeError, r"^w0\['a'\]: expected an array of floats, got dtype key<fry>"),
        ({"a": jnp.array([1.0, np.nan])}, ValueError, r"^w0\['a'\]: expected finite numbers, got NaN or infinity"),
        ({"a": jnp.array([1.0, np.inf])}, ValueError, r"^w0\['a'\]: expected finite numbers, got NaN or infinity"),
        ({}, ValueError, r"^w0: expected a pytree with at least one parameter, got none"),
        (None, ValueError, r"^w0: expected a pytree with at least one parameter, got none"),
        ({"a": jnp.ones((0, 2))}, ValueError, r"^w0: expected a pytree with at least one parameter, got none"),
    ],
)
def test_parameters_must_be_finite_floats(function, w0, error, message):
    with pytest.raises(error, match=message):
        ALL[function](w0=w0)


@those_with("X")
@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ([[1.0, 2.0]], TypeError, "expected an array of inputs, got list"),
        (None, TypeError, "expected an array of inputs, got NoneType"),
        (jnp.ones((0, 2)), ValueError, r"expected at least one input along the first axis, got shape \(0, 2\)"),
        (jnp.array(1.0), ValueError, r"expected at least one input along the first axis, got shape \(\)"),
    ],
    ids=["list", "None", "empty", "no axis"],
)
def test_inputs_must_be_a_batch(function, inputs, error, message):
    name = "X1" if function == "empirical_kernel" else "X"
    with pytest.raises(error, match=f"^{name}: {message}"):
        ALL[function](X=inputs)


@those_with("w0")
def test_numpy_parameters_that_jax_would_truncate(function):
    w0 = {"a": np.ones(2)}
    with without_x64(), pytest.raises(TypeError, match=r"^w0\['a'\]: JAX would truncate float64; expected float32"):
        ALL[function](w0=w0)


def test_numpy_targets_that_jax_would_truncate():
    with without_x64(), pytest.raises(TypeError, match=r"^y: JAX would truncate float64; expected float32"):
        delta(phi, {"a": np.ones(2, "float32")}, np.ones((3, 2), "float32"), np.ones(3))
