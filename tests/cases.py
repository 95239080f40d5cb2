"""What the tests of ntklib share: problems to solve, and the plain definitions that ntklib must agree with."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from ntklib import mlp

REFERENCE = Path(__file__).parent / "reference"

# how far two ways to compute one thing may differ, relative to the largest entry
EXACT = {"float64": 1e-12, "float32": 1e-5}


class Problem(NamedTuple):
    """A model, its initialization w0, another point w, and data."""

    phi: Callable[[Any, Any], jax.Array]
    w0: Any
    w: Any
    X: jax.Array
    X2: jax.Array
    y: jax.Array

    @property
    def tol(self) -> float:
        return EXACT[self.y.dtype.name]


def assert_close(actual: Any, expected: Any, tol: float) -> None:
    """Same shape, finite, and equal up to tol relative to the largest expected entry."""
    actual, expected = double(actual), double(expected)
    assert actual.shape == expected.shape
    assert np.all(np.isfinite(actual))
    assert np.max(np.abs(actual - expected)) <= tol * np.max(np.abs(expected))


def normal(tree: Any, seed: int) -> Any:
    """A standard normal pytree of the shapes and dtypes of another one."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=jnp.shape(leaf)), leaf.dtype), tree)


# Compiling is what takes the time: what a test evaluates, it evaluates under one jit


def outputs(phi: Any, w: Any, X: Any) -> np.ndarray:
    """Φ(X, w), in the dtype of the model."""
    return np.asarray(_outputs(phi, w, X))


@partial(jax.jit, static_argnames="phi")
def _outputs(phi: Any, w: Any, X: Any) -> jax.Array:
    return jax.vmap(phi, (None, 0))(w, X)


def jacobian(phi: Any, w0: Any, X: Any) -> np.ndarray:
    """∇_wΦ(x_i, w0) by forward mode, (m, n) or (m, o, n), in float64."""
    blocks = jax.tree.leaves(_jacobian(phi, w0, X))
    shape = jax.eval_shape(partial(_outputs, phi), w0, X).shape
    sizes = [leaf.size // np.prod(shape) for leaf in blocks]
    return np.concatenate([double(leaf).reshape(*shape, n) for leaf, n in zip(blocks, sizes, strict=True)], axis=-1)


@partial(jax.jit, static_argnames="phi")
def _jacobian(phi: Any, w0: Any, X: Any) -> Any:
    return jax.jacfwd(lambda w: jax.vmap(phi, (None, 0))(w, X))(w0)


def double(array: Any) -> np.ndarray:
    return np.asarray(array, np.float64)


def flat(tree: Any) -> np.ndarray:
    """All the numbers of a pytree as one float64 vector, in the order of the columns of the Jacobian."""
    return np.concatenate([np.ravel(double(leaf)) for leaf in jax.tree.leaves(tree)])


# The problems: parameters in any tree, inputs of any shape


def make(phi: Any, shapes: Any, X: np.ndarray, dtype: str, seed: int = 0, m: int = 5) -> Problem:
    """Normal parameters of these shapes and normal targets for a model; the first m inputs are for training."""
    w0 = normal(jax.tree.map(lambda shape: jax.ShapeDtypeStruct(shape, dtype), shapes, is_leaf=_is_shape), seed)
    X = X.astype(dtype) if np.issubdtype(X.dtype, np.floating) else X
    train, test = jnp.asarray(X[:m]), jnp.asarray(X[m:])
    y = normal(jax.eval_shape(partial(_outputs, phi), w0, train), seed + 1)
    return Problem(phi, w0, normal(w0, seed + 2), train, test, y)


def _is_shape(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(size, int) for size in value)


def _inputs(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(8, *shape))


def _one_number(dtype: str) -> Problem:
    return make(lambda w, x: jnp.sin(w * x) + w**2, (), _inputs(), dtype)


def _dictionary(dtype: str) -> Problem:
    def phi(w: Any, x: Any) -> jax.Array:
        return w["c"] @ jnp.tanh(w["a"] @ x + w["b"])

    return make(phi, {"a": (4, 3), "b": (4,), "c": (4,)}, _inputs(3), dtype)


def _nested(dtype: str) -> Problem:
    """Lists, tuples and dictionaries in each other; one leaf has no entry, and the model does not use another."""

    def phi(w: Any, x: Any) -> jax.Array:
        (a, b), rest = w["first"], w["rest"][0]
        return b * jnp.tanh(rest @ jnp.tanh(a @ x))

    w0 = {"empty": (0, 3), "first": [(3, 2), ()], "rest": [(2, 3), None], "unused": {"leaf": (2,)}}
    return make(phi, w0, _inputs(2), dtype)


def _image(dtype: str) -> Problem:
    """Inputs of shape (height, width, channels)."""

    def phi(w: Any, x: Any) -> jax.Array:
        kernel, readout = w
        return readout @ jnp.mean(jnp.tanh(x @ kernel), axis=(0, 1))

    return make(phi, ((2, 3), (2, 3)), _inputs(4, 3, 2), dtype)


def _embedding(dtype: str) -> Problem:
    """Integer inputs, looked up in a table."""

    def phi(w: Any, x: Any) -> jax.Array:
        return w["out"] @ jnp.tanh(w["table"][x].sum(0))

    return make(phi, {"table": (6, 3), "out": (3,)}, np.random.default_rng(7).integers(0, 6, (8, 2)), dtype)


def network(
    widths: tuple[int, ...], activation: str, parametrization: Any, dtype: str, seed: int = 0, m: int = 5
) -> Problem:
    """An mlp at normal parameters, m training inputs and 3 test inputs."""
    init, phi = mlp(widths, activation=activation, parametrization=parametrization, bias_std=0.5)
    shapes = jax.tree.map(lambda leaf: leaf.shape, jax.eval_shape(init, jax.random.key(0)))
    return make(phi, shapes, np.random.default_rng(seed).normal(size=(m + 3, widths[0])), dtype, seed, m)


PROBLEMS: dict[str, Callable[[str], Problem]] = {
    "one number": _one_number,
    "dictionary": _dictionary,
    "nested tree, 2 outputs": _nested,
    "image, 2 outputs": _image,
    "embedding": _embedding,
    "mlp": lambda dtype: network((3, 6, 4, 1), "relu", "lecun", dtype),
    "mlp, 3 outputs": lambda dtype: network((2, 6, 3), "tanh", "ntk", dtype),
}


@cache  # one model for all tests, so that jit compiles it once
def get_problem(name: str, dtype: str = "float64") -> Problem:
    return PROBLEMS[name](dtype)


@st.composite
def networks(draw: st.DrawFn) -> Problem:
    """A small network of any architecture, with data, in float32 or float64."""
    widths = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    return network(
        tuple(widths),
        draw(st.sampled_from(["relu", "tanh", "erf", "identity"])),
        draw(st.sampled_from(["lecun", "ntk"])),
        draw(st.sampled_from(["float64", "float32"])),
        seed=draw(st.integers(0, 100)),
        m=draw(st.integers(1, 6)),
    )


def without_x64() -> Any:
    """JAX as it starts: float32 by default, and float64 truncated to it."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(False)
    return import_module("jax.experimental").enable_x64(False)  # before jax 0.8


# Values that neural-tangents computed


class Reference(NamedTuple):
    """A network of reference/empirical.npz with its values."""

    phi: Callable[[Any, Any], jax.Array]
    w0: Any
    w: Any
    values: dict[str, np.ndarray]


def reference(name: str) -> Reference:
    """Layer i is x @ Wi + bi, with the activation between layers; outputs are (o,), also for o = 1."""
    archive = np.load(REFERENCE / "empirical.npz")
    network = next(network for network in json.loads(str(archive["meta"])) if network["name"] == name)
    sigma = {"relu": jax.nn.relu, "tanh": jnp.tanh}[network["act"]]
    depth = len(network["widths"]) - 1

    def phi(w: Any, x: Any) -> jax.Array:
        for W, b in w[:-1]:
            x = sigma(x @ W + b)
        W, b = w[-1]
        return x @ W + b

    values = {key.removeprefix(name + "/"): archive[key] for key in archive.files if key.startswith(name + "/")}
    w0 = [(values[f"W{layer}"], values[f"b{layer}"]) for layer in range(depth)]
    w = [(values[f"W{layer}'"], values[f"b{layer}'"]) for layer in range(depth)]
    return Reference(phi, w0, w, values)


REFERENCE_NAMES = ["mlp-relu", "mlp-tanh-3-outputs"]
