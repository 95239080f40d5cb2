"""Checks of what a caller passes: each error names the argument, what came and what was expected."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Model = Callable[[Any, Any], jax.Array]


def all_finite(value: Any) -> bool:
    """Whether every entry is finite; a value that is being traced has no entries yet and passes."""
    return isinstance(value, jax.core.Tracer) or bool(np.all(np.isfinite(value)))


def float_array(name: str, value: Any) -> None:
    """Refuse what is not an array of real floats that JAX keeps as it is."""
    if not hasattr(value, "dtype") or not hasattr(value, "shape"):
        raise TypeError(f"{name}: expected an array of floats, got {type(value).__name__}")
    if not jnp.issubdtype(value.dtype, jnp.floating):
        raise TypeError(f"{name}: expected an array of floats, got dtype {value.dtype}")
    if jax.dtypes.canonicalize_dtype(value.dtype) != value.dtype:
        raise TypeError(
            f"{name}: JAX would truncate {value.dtype}; expected float32, "
            'or jax.config.update("jax_enable_x64", True) first'
        )


def finite_array(name: str, value: Any) -> None:
    """Refuse what is not a float array, and NaN or infinity in it."""
    float_array(name, value)
    if not all_finite(value):
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")


def parameters(name: str, w: Any) -> None:
    """Refuse a pytree that is not made of finite float arrays, or that has no parameter at all."""
    leaves = jax.tree_util.tree_leaves_with_path(w)
    if sum(np.size(leaf) for _, leaf in leaves) == 0:
        raise ValueError(f"{name}: expected a pytree with at least one parameter, got none")
    for path, leaf in leaves:
        finite_array(name + jax.tree_util.keystr(path), leaf)


def same_parameters(name: str, w: Any, w0: Any) -> None:
    """Refuse parameters whose tree, shapes or dtypes differ from those of w0."""
    got: Any = jax.tree.structure(w)
    expected: Any = jax.tree.structure(w0)
    if got != expected:
        raise ValueError(f"{name}: expected the tree of w0, {expected}, got {got}")
    for (path, leaf), leaf0 in zip(jax.tree_util.tree_leaves_with_path(w), jax.tree.leaves(w0), strict=True):
        leaf_name = name + jax.tree_util.keystr(path)
        float_array(leaf_name, leaf)
        if leaf.shape != leaf0.shape:
            raise ValueError(f"{leaf_name}: expected shape {leaf0.shape} as in w0, got {leaf.shape}")
        if leaf.dtype != leaf0.dtype:
            raise TypeError(f"{leaf_name}: expected dtype {leaf0.dtype} as in w0, got {leaf.dtype}")


def batch(name: str, X: Any) -> None:
    """Refuse what is not an array of at least one input, stacked along the first axis."""
    if not hasattr(X, "shape") or not hasattr(X, "dtype"):
        raise TypeError(f"{name}: expected an array of inputs, got {type(X).__name__}")
    if len(X.shape) == 0 or X.shape[0] == 0:
        raise ValueError(f"{name}: expected at least one input along the first axis, got shape {X.shape}")


def same_inputs(X1: Any, X2: Any) -> None:
    """Refuse a second batch whose inputs are not like those of X1."""
    batch("X2", X2)
    if X2.shape[1:] != X1.shape[1:] or X2.dtype != X1.dtype:
        raise ValueError(
            f"X2: expected inputs like those of X1, {X1.dtype}{X1.shape[1:]}, got {X2.dtype}{X2.shape[1:]}"
        )


def block_size(value: Any) -> int | None:
    """A whole number of at least 1, or None."""
    if value is not None and count("block_size", value) == 0:
        raise ValueError("block_size: expected at least 1, got 0")
    return None if value is None else count("block_size", value)


def function(name: str, value: Any, arguments: str) -> None:
    """Refuse what is not a hashable function (jit keys its cache by it)."""
    if not callable(value):
        raise TypeError(f"{name}: expected a function {name}({arguments}), got {type(value).__name__}")
    try:
        hash(value)
    except TypeError:
        raise TypeError(
            f"{name}: expected a hashable function, got an unhashable {type(value).__name__}; "
            f"wrap it: lambda {arguments}: {name}({arguments})"
        ) from None


def model(phi: Any) -> None:
    """Refuse a model that is not a hashable function."""
    function("phi", phi, "w, x")


def output(phi: Model, w0: Any, X: Any) -> jax.ShapeDtypeStruct:
    """Shape and dtype of the model's output for ONE input; refuse all but () and (o,) of floats."""
    leaves, tree = jax.tree.flatten(w0)
    x = jax.ShapeDtypeStruct(X.shape[1:], jax.dtypes.canonicalize_dtype(X.dtype))
    shapes = tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves)
    return _output(phi, tree, shapes, x, bool(jax.config.read("jax_enable_x64")))


@lru_cache(maxsize=64)  # a third of the time of a small kernel
def _output(phi: Model, tree: Any, shapes: tuple[Any, ...], x: Any, _: bool) -> jax.ShapeDtypeStruct:
    value = jax.eval_shape(phi, tree.unflatten(shapes), x)
    if not isinstance(value, jax.ShapeDtypeStruct):
        raise TypeError(f"phi: expected one array as output, got {type(value).__name__}")
    if len(value.shape) > 1 or 0 in value.shape:
        raise ValueError(f"phi: expected an output of shape () or (o,) for one input, got {value.shape}")
    if not jnp.issubdtype(value.dtype, jnp.floating):
        raise TypeError(f"phi: expected an output of floats, got dtype {value.dtype}")
    return value


def problem(phi: Any, w0: Any, X: Any, name: str = "X") -> jax.ShapeDtypeStruct:
    """Refuse a model, parameters and inputs that do not fit; return the output for one input."""
    model(phi)
    parameters("w0", w0)
    batch(name, X)
    return output(phi, w0, X)


def targets(y: Any, X: Any, value: jax.ShapeDtypeStruct) -> None:
    """Refuse targets that are not one number for each input and output, in the output's dtype."""
    finite_array("y", y)
    expected = (X.shape[0], *value.shape)
    if y.shape != expected:
        raise ValueError(f"y: expected shape {expected}, one target for each input and output, got {y.shape}")
    if y.dtype != value.dtype:
        raise TypeError(f"y: expected dtype {value.dtype} as the model's output, got {y.dtype}")


def count(name: str, value: Any) -> int:
    """A whole number of at least 0."""
    try:
        if isinstance(value, bool):
            raise TypeError
        whole = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, got {value!r}") from None
    if whole < 0:
        raise ValueError(f"{name}: expected a whole number of at least 0, got {value!r}")
    return whole


def number(name: str, value: Any) -> float:
    """A real number, be it infinite or NaN."""
    try:
        if isinstance(value, bool | str):
            raise TypeError
        return float(value)
    except TypeError:
        raise TypeError(f"{name}: expected a number, got {value!r}") from None


def positive(name: str, value: Any) -> float:
    """A finite number above 0."""
    x = number(name, value)
    if not (np.isfinite(x) and x > 0):
        raise ValueError(f"{name}: expected a finite number above 0, got {value!r}")
    return x


def not_negative(name: str, value: Any) -> float:
    """A finite number of at least 0."""
    x = number(name, value)
    if not (np.isfinite(x) and x >= 0):
        raise ValueError(f"{name}: expected a finite number of at least 0, got {value!r}")
    return x
