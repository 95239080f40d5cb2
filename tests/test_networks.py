"""mlp against its formula, written out in numpy."""

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from cases import assert_close

from ntklib import empirical_kernel, mlp

ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "erf": scipy.special.erf,
    "identity": lambda z: z,
}


@pytest.mark.parametrize("parametrization", ["lecun", "ntk"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_model_is_the_formula(activation, parametrization):
    widths, weight_std, bias_std = (3, 5, 4, 2), 1.5, 0.5
    init, phi = mlp(
        widths, activation=activation, parametrization=parametrization, weight_std=weight_std, bias_std=bias_std
    )
    w = cases.normal(init(jax.random.key(0)), 0)
    x = np.array([0.3, -1.2, 0.8])

    a = x
    for layer in range(3):
        s = weight_std / np.sqrt(widths[layer]) if parametrization == "ntk" else 1.0
        beta = bias_std if parametrization == "ntk" else 1.0
        z = s * np.asarray(w[layer]["W"]) @ a + beta * np.asarray(w[layer]["b"])
        a = ACTIVATIONS[activation](z) if layer < 2 else z
    assert_close(phi(w, x), a, 1e-14)


@pytest.mark.parametrize("parametrization", ["lecun", "ntk"])
@pytest.mark.parametrize("widths", [(3, 2), (2, 7, 1), (1, 4, 5, 3)])
def test_shapes(widths, parametrization):
    init, phi = mlp(widths, activation="relu", parametrization=parametrization, bias_std=0.1)
    w0 = jax.eval_shape(init, jax.random.key(0))
    assert [layer["W"].shape for layer in w0] == list(zip(widths[1:], widths[:-1], strict=True))
    assert [layer["b"].shape for layer in w0] == [(width,) for width in widths[1:]]
    output = jax.eval_shape(phi, w0, jnp.ones(widths[0]))
    assert output.shape == (() if widths[-1] == 1 else widths[-1:])  # one output makes a scalar model
    assert {leaf.dtype.name for leaf in jax.tree.leaves((w0, output))} == {"float64"}


@pytest.mark.parametrize(("parametrization", "stds"), [("lecun", [0.2, 0.3]), ("ntk", [1.0, 1.0])])
def test_standard_deviations_of_the_initialization(parametrization, stds):
    # 4·10⁴ weights and 10⁴ biases: the sample deviates by about 1/√(2·10⁴) = 0.7 percent
    init, _ = mlp((4, 10_000), activation="relu", parametrization=parametrization, weight_std=0.4, bias_std=0.3)
    (layer,) = init(jax.random.key(1))
    for sample, std in zip((layer["W"], layer["b"]), stds, strict=True):
        assert abs(np.std(sample) / std - 1) < 0.03
        assert abs(np.mean(sample)) < 0.05 * std


def test_layers_and_keys_are_independent():
    init, _ = mlp((6, 6, 6), activation="relu", parametrization="ntk", bias_std=1.0)
    parts = [np.ravel(leaf)[:6] for key in (0, 1) for leaf in jax.tree.leaves(init(jax.random.key(key)))]
    assert len({tuple(part) for part in parts}) == len(parts) == 8
    np.testing.assert_array_equal(init(jax.random.key(0))[1]["W"], init(jax.random.key(0))[1]["W"])


def test_both_parametrizations_are_the_same_function_but_not_the_same_kernel():
    build = {
        p: mlp((3, 8, 4), activation="tanh", parametrization=p, weight_std=1.3, bias_std=0.7) for p in ("lecun", "ntk")
    }
    X = cases.normal(jax.ShapeDtypeStruct((4, 3), "float64"), 0)
    w0 = {p: init(jax.random.key(2)) for p, (init, _) in build.items()}
    functions = {p: cases.outputs(phi, w0[p], X) for p, (_, phi) in build.items()}
    kernels = {p: np.asarray(empirical_kernel(phi, w0[p], X)) for p, (_, phi) in build.items()}
    assert_close(functions["ntk"], functions["lecun"], 1e-14)
    assert np.max(np.abs(kernels["ntk"] - kernels["lecun"])) > 0.1 * np.max(np.abs(kernels["lecun"]))


def test_biases_by_default():
    lecun, _ = mlp((2, 3, 1), activation="relu", parametrization="lecun")
    for layer in lecun(jax.random.key(0)):  # they start at 0 and are trained
        np.testing.assert_array_equal(layer["b"], np.zeros(len(layer["W"])))
    ntk, _ = mlp((2, 3, 1), activation="relu", parametrization="ntk")
    assert all(set(layer) == {"W"} for layer in ntk(jax.random.key(0)))  # they would do nothing


def test_any_function_is_an_activation():
    (_, by_name), (_, by_function) = (
        mlp((2, 3, 1), activation=activation, parametrization="lecun") for activation in ("tanh", jnp.tanh)
    )
    w = cases.normal([{"W": np.ones((3, 2)), "b": np.ones(3)}, {"W": np.ones((1, 3)), "b": np.ones(1)}], 0)
    assert by_name(w, np.ones(2)) == by_function(w, np.ones(2))


def test_single_precision_parameters_give_single_precision_outputs():
    problem = cases.get_problem("mlp, 3 outputs", "float32")
    assert problem.phi(problem.w0, problem.X[0]).dtype == "float32"


@pytest.mark.parametrize("x", [np.ones(3), np.ones((2, 1)), np.ones((1, 2)), np.array(1.0)])
def test_the_model_takes_one_input(x):
    init, phi = mlp((2, 1), activation="relu", parametrization="lecun")
    with pytest.raises(ValueError, match=r"^x: expected one input of shape \(2,\), got"):
        phi(init(jax.random.key(0)), x)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"widths": (2,)}, ValueError, r"^widths: expected at least an input and an output width, .* got \(2,\)"),
        ({"widths": ()}, ValueError, r"^widths: expected at least an input and an output width"),
        ({"widths": (2, 0, 1)}, ValueError, r"^widths: expected .* all above 0, got \(2, 0, 1\)"),
        ({"widths": (2, -1)}, ValueError, r"^widths: expected a whole number of at least 0, got -1"),
        ({"widths": (2, 3.0, 1)}, TypeError, r"^widths: expected a whole number, got 3.0"),
        ({"widths": (2, True)}, TypeError, r"^widths: expected a whole number, got True"),
        (
            {"activation": "sigmoid"},
            ValueError,
            r"^activation: expected one of \['erf', .*\] or a function, got 'sigmoid'",
        ),
        ({"activation": 3}, TypeError, r"^activation: expected a name or a function, got int"),
        ({"activation": None}, TypeError, r"^activation: expected a name or a function, got NoneType"),
        ({"parametrization": "NTK"}, ValueError, r"^parametrization: expected 'lecun' or 'ntk', got 'NTK'"),
        ({"weight_std": 0.0}, ValueError, r"^weight_std: expected a finite number above 0, got 0.0"),
        ({"weight_std": float("nan")}, ValueError, r"^weight_std: expected a finite number above 0, got nan"),
        ({"weight_std": None}, TypeError, r"^weight_std: expected a number, got None"),
        ({"bias_std": -0.1}, ValueError, r"^bias_std: expected a finite number of at least 0, got -0.1"),
        ({"bias_std": float("inf")}, ValueError, r"^bias_std: expected a finite number of at least 0, got inf"),
        ({"bias_std": "1"}, TypeError, r"^bias_std: expected a number, got '1'"),
    ],
)
def test_bad_input(change, error, message):
    arguments = {"widths": (2, 3, 1), "activation": "relu", "parametrization": "ntk"} | change
    with pytest.raises(error, match=message):
        mlp(arguments.pop("widths"), **arguments)
