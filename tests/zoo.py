"""The zoo: small models that use their parameters in every way that a fast kernel might get wrong.

A name says what its model does; ``ZOO[name](dtype)`` makes it. Several ways in one model are several leaves, so
that a leaf that is handled wrongly shows in the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from cases import normal
from jax import lax


class Animal(NamedTuple):
    """A model of the zoo, with its inputs; ``tol`` where float64 does not reach 1e-12."""

    phi: Callable[[Any, Any], jax.Array]
    w0: Any
    X: jax.Array
    X2: jax.Array
    tol: float | None = None
    reverse: bool = False  # jax.jacfwd refuses it: custom_vjp, or parameters of two dtypes


ZOO: dict[str, Callable[[str], Animal]] = {}


@cache  # one model for all tests, so that jit compiles it once
def get(name: str, dtype: str = "float64") -> Animal:
    return ZOO[name](dtype)


class Leaf(NamedTuple):
    """A parameter with a dtype of its own, whatever the model's."""

    shape: tuple[int, ...]
    dtype: str


def model(name: str, shapes: Any, X: np.ndarray, *, tol: float | None = None, reverse: bool = False) -> Any:
    """Registers phi(w, x) with normal parameters of these shapes; inputs are the rows of X."""

    def register(phi: Callable[[Any, Any], jax.Array]) -> Callable[[Any, Any], jax.Array]:
        assert name not in ZOO
        ZOO[name] = partial(_animal, phi, shapes, X, tol, reverse)
        return phi

    return register


def _animal(phi: Any, shapes: Any, X: np.ndarray, tol: float | None, reverse: bool, dtype: str) -> Animal:
    def struct(shape: Any) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(*shape) if isinstance(shape, Leaf) else jax.ShapeDtypeStruct(shape, dtype)

    w0 = jax.tree.map(struct, shapes, is_leaf=lambda s: isinstance(s, tuple))
    return Animal(phi, jax.tree.map(lambda leaf: leaf / 2, normal(w0, 0)), *inputs_of(X, dtype), tol, reverse)


def inputs_of(X: np.ndarray, dtype: str) -> tuple[jax.Array, jax.Array]:
    """The first four inputs, and the others."""
    X = X.astype(dtype) if X.dtype == float else X
    return jnp.asarray(X[:4]), jnp.asarray(X[4:])


def normals(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(7, *shape))


def integers(high: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, high, (7, *shape))


def constant(like: Any, *shape: int) -> jax.Array:
    """Fixed numbers of the model's dtype, none of them zero or one."""
    return jnp.asarray(np.random.default_rng(8).uniform(0.3, 0.9, shape), like.dtype)


def join(*parts: jax.Array) -> jax.Array:
    """One output for each entry of the parts would make a large kernel: two for each part, mixed, with no symmetry."""
    flat = jnp.concatenate([jnp.ravel(part) for part in parts])
    n = np.arange(1, flat.size + 1)
    return jnp.asarray([np.sin(n), np.cos(2.0 * n)], flat.dtype) @ jnp.tanh(flat)


# Products: which operand, which axes


@model("dense: W @ a, then a @ W", {"first": (5, 3), "second": (5, 2)}, normals(3))
def _(w, x):
    return jnp.tanh(w["first"] @ x) @ w["second"]


@model("dense: a vector for weight, one output ()", {"a": (4, 3), "b": (4,), "c": (4,)}, normals(3))
def _(w, x):
    return w["c"] @ jnp.tanh(w["a"] @ x + w["b"])


@model("dense: linear, the output is the product", (3, 4), normals(4))
def _(w, x):
    return w @ x


@model("dense: one output (1,), axes of size one", {"a": (1, 3), "b": (1, 1), "c": (3, 1), "d": (1, 3)}, normals(3))
def _(w, x):
    return w["d"] @ jnp.tanh(w["c"] @ jnp.tanh(w["b"] @ jnp.tanh(w["a"] @ x)))


@model("dense: more outputs than parameters in a leaf", {"a": (2, 2), "b": (2,), "c": (9, 2)}, normals(2))
def _(w, x):
    return w["c"] @ jnp.tanh(w["a"] @ x * jnp.cos(w["b"]))


@model(
    "einsum: either order, a weight for each head", {"a": (4, 3), "b": (3, 4), "c": (2, 3, 4), "d": (4, 3)}, normals(3)
)
def _(w, x):
    a = jnp.tanh(jnp.einsum("ij,j->i", w["a"], x))
    b = jnp.tanh(jnp.einsum("ji,j->i", w["b"], x))
    c = jnp.tanh(jnp.einsum("hij,j->hi", w["c"], b))
    return jnp.einsum("j,jk->k", a, w["d"]) + jnp.einsum("hi->i", c)


@model(
    "einsum: axes of the weight that are batch axes", {"a": (2, 3, 4), "b": (2, 3), "c": (3, 2, 2)}, normals(5, 2, 4)
)
def _(w, x):
    a = jnp.tanh(jnp.einsum("hij,thj->thi", w["a"], x))
    b = jnp.tanh(jnp.einsum("hi,thi->th", w["b"], a))
    return join(b, jnp.einsum("iht,thi->ti", jnp.tile(w["c"], (1, 1, 1)), a[:2]))


@model(
    "einsum: no contracted axis, and all of them", {"a": (3,), "b": (3, 2), "c": (2,), "d": (2, 3, 2)}, normals(3, 2)
)
def _(w, x):
    outer = jnp.einsum("i,jk->ijk", w["a"], x)
    return join(outer, jnp.vdot(w["b"], x), w["c"] @ x.T, jnp.tensordot(w["d"], x, axes=([1, 2], [0, 1])))


@model("tokens: x @ W, few positions and a large weight", {"a": (4, 24), "b": (24, 20), "c": (20, 2)}, normals(2, 4))
def _(w, x):
    return jnp.mean(jnp.tanh(jnp.tanh(x @ w["a"]) @ w["b"]) @ w["c"], axis=0)


@model("tokens: x @ W, many positions and a small weight", {"a": (2, 3), "b": (3, 2)}, normals(24, 2))
def _(w, x):
    return jnp.sum(jnp.tanh(jnp.tanh(x @ w["a"]) @ w["b"]), axis=0)


@model("tokens: a dense layer under vmap inside phi", {"W": (4, 3), "b": (4,), "V": (4, 2)}, normals(3, 3))
def _(w, x):
    hidden = jax.vmap(lambda token: jnp.tanh(w["W"] @ token + w["b"]))(x)
    return jnp.mean(jax.vmap(lambda token: token @ w["V"], in_axes=0, out_axes=1)(hidden), axis=1)


@model(
    "vmap: over rows and columns, over weights, over both",
    {"W": (4, 2), "heads": (3, 4, 2), "local": (3, 4, 2)},
    normals(3, 2, 2),
)
def _(w, x):
    a = jax.vmap(jax.vmap(lambda t: jnp.tanh(w["W"] @ t)), in_axes=1)(x)  # two maps
    b = jax.vmap(lambda V: jnp.tanh(V @ x[0, 0]))(w["heads"])  # an ensemble
    c = jax.vmap(lambda V, t: jnp.tanh(t @ V), in_axes=(0, 1))(w["local"], a)  # locally connected
    return join(a, b, c)


@model("vmap: a sum over the mapped axis by its name", {"W": (3, 2), "V": (2, 3)}, normals(4, 2))
def _(w, x):
    def centred(token):
        a = jnp.tanh(w["W"] @ token)
        return w["V"] @ (a - lax.pmean(a, "tokens") / 2)

    return jnp.sum(jnp.tanh(jax.vmap(centred, axis_name="tokens")(x)), axis=0)


# Weights that are scaled


@model(
    "scaled: by constants, before and after the product",
    dict.fromkeys(("before", "after", "computed", "negated", "twice", "numpy", "axis", "cancelled"), (3, 4)),
    normals(4),
)
def _(w, x):
    size = jnp.sqrt(jnp.asarray(x.size, x.dtype))
    return join(
        (w["before"] / math.sqrt(4)) @ x,
        (w["after"] @ x) / math.sqrt(4),
        (w["computed"] / size) @ x,
        (-w["negated"]) @ x,
        (2 * w["twice"] * 0.3) @ x,
        (np.float64(0.7).astype(x.dtype) * w["numpy"]) @ x,
        (w["axis"] * jnp.full((1, 1), 0.6, x.dtype)) @ x,
        x[:3] + (w["cancelled"] * 0.0) @ x,  # its derivative is zero
    )


@model("scaled: by a mask", dict.fromkeys(("full", "row", "column", "triangle", "select"), (3, 4)), normals(4))
def _(w, x):
    return join(
        (w["full"] * constant(x, 3, 4)) @ x,
        (w["row"] * constant(x, 1, 4)) @ x,
        (constant(x, 3, 1) * w["column"]) @ x,
        jnp.tril(w["triangle"]) @ x,
        jnp.where(np.arange(12).reshape(3, 4) % 3 == 0, w["select"], 0) @ x,
    )


@model("scaled: by what depends on the input", dict.fromkeys(("norm", "mask", "where", "after"), (3, 4)), normals(4))
def _(w, x):
    return join(
        (w["norm"] * jnp.linalg.norm(x)) @ x,
        (w["mask"] * jnp.outer(x[:3], x)) @ x,
        jnp.where(x[0] > 0, w["where"], 2 * w["where"]) @ x,
        jnp.sin(x[0]) * (w["after"] @ x),
    )


@model(
    "scaled: by another parameter", {"s": (), "W": (3, 4), "t": (), "V": (3, 4), "gain": (3,), "U": (3, 4)}, normals(4)
)
def _(w, x):
    return join((w["s"] * w["W"]) @ x, (w["V"] / jax.nn.softplus(w["t"])) @ x, (w["gain"][:, None] * w["U"]) @ x)


@model(
    "not scaled: functions of a weight that are not linear",
    dict.fromkeys(("inverse", "power", "square", "plus", "minus", "exp", "positive", "itself", "of sum"), (3, 4)),
    normals(4),
)
def _(w, x):
    return join(
        (1.0 / (w["inverse"] + 4)) @ x,
        w["power"] ** 3 @ x,
        jnp.square(w["square"]) @ x,
        (w["plus"] + 1.0) @ x,
        (0.5 - w["minus"]) @ x,
        jnp.exp(w["exp"]) @ x,
        jnp.maximum(w["positive"], 0) @ x,
        (w["itself"] * w["itself"]) @ x,
        (w["of sum"] * w["of sum"].sum()) @ x,
    )


@model("scaled and rearranged in a long chain", {"W": (2, 6), "V": (12,)}, normals(4))
def _(w, x):
    W = (2 * (jnp.moveaxis((-w["W"] / 3).reshape(2, 3, 2), 1, 0) * 0.7)).reshape(3, 4)
    V = ((w["V"] * 3).reshape(4, 3).T / 2)[None]
    return join(jnp.tanh(W.T.T @ x) + (V @ x)[0])


# Weights that are rearranged


@model(
    "rearranged: transposed, reshaped, squeezed, moved",
    {
        "T": (4, 3),
        "flat": (12,),
        "cube": (2, 3, 4),
        "one": (3, 1, 4),
        "to vector": (2, 2),
        "split": (6, 2),
        "to 3d": (6, 4),
    },
    normals(4),
)
def _(w, x):
    return join(
        w["T"].T @ x,
        w["flat"].reshape(3, 4) @ x,
        jnp.moveaxis(w["cube"], 2, 0).reshape(4, 6).T @ x,
        jnp.squeeze(w["one"], 1) @ x,
        w["to vector"].ravel() @ x,
        w["split"].reshape(3, 4, order="F") @ x,
        jnp.einsum("hij,j->ih", w["to 3d"].reshape(2, 3, 4), x),
    )


@model(
    "rearranged: flipped, rolled, padded, tiled, repeated, on a diagonal",
    {"flip": (3, 4), "roll": (3, 4), "pad": (2, 3), "tile": (3, 2), "repeat": (3, 2), "diagonal": (4,), "swap": (3, 4)},
    normals(4),
)
def _(w, x):
    return join(
        jnp.flip(w["flip"], 1) @ x,
        jnp.roll(w["roll"], 1, axis=0) @ x,
        jnp.pad(w["pad"], ((1, 0), (0, 1))) @ x,
        jnp.tile(w["tile"], (1, 2)) @ x,
        jnp.repeat(w["repeat"], 2, axis=1) @ x,
        jnp.diag(w["diagonal"]) @ x,
        w["swap"][::-1] @ x,
    )


@model(
    "broadcast: over batch, contracted and free axes, from a scalar",
    {
        "batch": (3, 4),
        "contracted": (3,),
        "row": (1, 4),
        "free": (4,),
        "scalar": (),
        "and reshaped": (4,),
        "both": (2,),
    },
    normals(2, 4),
)
def _(w, x):
    return join(
        jnp.einsum("tij,tj->ti", jnp.broadcast_to(w["batch"], (2, 3, 4)), x),
        jnp.broadcast_to(w["contracted"][:, None], (3, 4)) @ x[0],
        jnp.broadcast_to(w["row"], (3, 4)) @ x[0],
        jnp.broadcast_to(w["free"], (3, 4)) @ x[1],
        jnp.full((3, 4), w["scalar"]) @ x[0],
        jnp.broadcast_to(w["and reshaped"][None], (3, 4)).reshape(4, 3) @ x[0, :3],
        jnp.einsum("tij,tj->ti", jnp.broadcast_to(w["both"][:, None, None], (2, 3, 4)), x),
    )


@model(
    "sums of weights: W + W.T, W - V, low rank",
    {"W": (4, 4), "V": (4, 4), "U": (4, 4), "A": (4, 2), "B": (2, 4)},
    normals(4),
)
def _(w, x):
    return join((w["W"] + w["W"].T) @ x, (w["U"] - w["V"]) @ x, (w["U"] + w["A"] @ w["B"]) @ x)


@model(
    "parts: sliced, strided, split, in a dynamic slice",
    {"a": (4, 4), "b": (4, 6), "c": (3, 8), "d": (6, 4), "e": (6, 4)},
    normals(4),
)
def _(w, x):
    c1, c2 = jnp.split(w["c"], 2, axis=1)
    return join(
        w["a"][:2] @ x,
        w["b"][:, 1:5] @ x + w["b"][::3, ::2] @ x[:3] @ jnp.ones(2, x.dtype),
        jnp.tanh(c1 @ x) * (c2 @ x),
        lax.dynamic_slice_in_dim(w["d"], 1, 3) @ x,
        lax.dynamic_slice_in_dim(w["e"], jnp.argmax(x), 3) @ x,
    )


@model("parts: concatenated and stacked weights", {"a": (2, 4), "b": (3, 4), "c": (3,), "d": (3,)}, normals(4))
def _(w, x):
    return join(jnp.concatenate([w["a"], w["b"], 2 * w["a"]]) @ x, jnp.stack([w["c"], w["d"]]) @ x[:3])


@model("parts: one stacked leaf, indexed for each layer", {"layers": (3, 4, 4), "biases": (3, 4)}, normals(4))
def _(w, x):
    for layer in range(3):
        x = jnp.tanh(w["layers"][layer] @ x + w["biases"][layer])
    return x


@model(
    "parts: gathered by constants, by the input, one weight of many",
    {"W": (4, 4), "V": (4, 4), "experts": (3, 2, 4)},
    normals(4),
)
def _(w, x):
    expert = w["experts"][jnp.argmax(x[:3])]
    return join(w["W"][np.array([2, 0, 2])] @ x, w["V"][jnp.argsort(x)] @ x, expert @ x)


# Dtypes


def _bfloat16_integers(dtype):
    # small integers: both the products in bfloat16 and what is to be compared with them are exact
    def phi(w, x):
        return (w["W"].astype(jnp.bfloat16) @ x.astype(jnp.bfloat16)).astype(x.dtype) + w["b"] * x[:3]

    w0 = {"W": jnp.asarray(integers(4, 4)[:3] - 1.0, dtype), "b": jnp.ones(3, dtype)}
    return Animal(phi, w0, *inputs_of(integers(5, 4) - 2.0, dtype))


ZOO["cast to bfloat16 and back: exact on integers"] = _bfloat16_integers


@model("cast to bfloat16 and back", {"W": (6, 4), "V": (2, 6), "b": (6,)}, normals(4), tol=3e-2)
def _(w, x):
    a = jnp.tanh(w["W"].astype(jnp.bfloat16) @ x.astype(jnp.bfloat16) + w["b"].astype(jnp.bfloat16))
    return (w["V"].astype(jnp.bfloat16) @ a).astype(x.dtype)


@model("cast to float16 and back, after scaling", {"W": (6, 4), "V": (2, 6)}, normals(4), tol=3e-3)
def _(w, x):
    a = jnp.tanh((w["W"] / 2).astype(jnp.float16) @ x.astype(jnp.float16))
    return (2 * w["V"].astype(jnp.float16) @ a).astype(x.dtype)


@model("cast to float32 and back", {"W": (6, 4), "V": (2, 6)}, normals(4), tol=1e-6)
def _(w, x):
    return (w["V"] @ jnp.tanh(w["W"].astype(jnp.float32) @ x.astype(jnp.float32)).astype(x.dtype)).astype(x.dtype)


@model(
    "float32 parameters in a model of another dtype",
    {"W": Leaf((6, 4), "float32"), "b": Leaf((6,), "float32"), "V": (2, 6)},
    normals(4),
    tol=1e-6,
    reverse=True,
)
def _(w, x):
    return w["V"] @ jnp.tanh(w["W"].astype(x.dtype) @ x + w["b"].astype(x.dtype))


@model(
    "a product that returns another dtype",
    {"W": Leaf((6, 4), "bfloat16"), "V": (2, 6)},
    normals(4),
    tol=3e-2,
    reverse=True,
)
def _(w, x):
    a = jnp.matmul(w["W"], x.astype(jnp.bfloat16), preferred_element_type=x.dtype, precision="highest")
    return w["V"] @ jnp.tanh(a)


@model("cast to complex: the real part of a complex product", {"W": (3, 4), "re": (3, 4), "im": (3, 4)}, normals(2, 4))
def _(w, x):
    z = lax.complex(x[0], x[1])
    a = w["W"].astype(z.dtype) @ z
    b = lax.complex(w["re"], w["im"]) @ z
    return join(a.real * a.imag, jnp.abs(b))


@model("complex: a Fourier transform between real weights", {"W": (6, 4), "filter": (6,), "V": (3, 6)}, normals(4))
def _(w, x):
    spectrum = jnp.fft.fft(lax.complex(w["W"] @ x, jnp.zeros(6, x.dtype)))
    mixed = jnp.fft.ifft(spectrum * w["filter"].astype(spectrum.dtype))
    return w["V"] @ jnp.tanh(mixed.real)


# Weights that are used more than once


@model("twice: the same layout, siamese", {"W": (4, 3)}, normals(2, 3))
def _(w, x):
    return jnp.tanh(w["W"] @ x[0]) * jnp.sin(w["W"] @ x[1])


@model(
    "twice: the same layout at other scales, casts and numbers of positions", {"W": (4, 3), "V": (3, 4)}, normals(5, 3)
)
def _(w, x):
    a = jnp.tanh(w["W"] @ x[0]) + jnp.tanh((-2 * w["W"]) @ x[1]) + (w["W"] / 3) @ x[2]
    b = jnp.tanh(x @ w["V"]).mean(0) + jnp.tanh(x[:2] @ w["V"]).sum(0) + x[0] @ w["V"]
    return join(a, b)


@model("twice: tied embedding, W and W.T", {"W": (4, 3), "b": (4,), "c": (3,)}, normals(3))
def _(w, x):
    return w["W"].T @ jnp.tanh(w["W"] @ x + w["b"]) + w["c"]


@model("twice: a table, looked up and multiplied with", {"table": (6, 3), "W": (3, 3)}, integers(6, 2))
def _(w, x):
    return jnp.tanh(w["W"] @ w["table"][x].sum(0)) @ w["table"].T


@model("three times, in two layouts and one of its parts", {"W": (4, 4)}, normals(4))
def _(w, x):
    return join(w["W"] @ jnp.tanh(w["W"] @ x), x @ w["W"], w["W"][0] @ x, w["W"].reshape(2, 8) @ jnp.tile(x, 2))


@model("nested: W @ W @ x and W @ (W @ x)", {"W": (3, 3), "V": (3, 3)}, normals(3))
def _(w, x):
    return join((w["W"] @ w["W"]) @ x, w["V"] @ (w["V"] @ x))


@model("nested: W @ tanh(W @ x), five times over", {"W": (4, 4)}, normals(4))
def _(w, x):
    a = x
    for _ in range(5):
        a = w["W"] @ jnp.tanh(a) + x
    return a


@model(
    "product of two parameters, of a parameter with itself",
    {"V": (3, 2), "W": (2, 4), "U": (2, 4), "p": (4,)},
    normals(4),
)
def _(w, x):
    return join(
        (w["V"] @ w["W"]) @ x, x @ (w["U"].T @ w["U"]), jnp.vdot(w["p"], w["p"]) * x, jnp.outer(w["p"], w["p"]) @ x
    )


@model("product of parameters, then of the result with one of them", {"W": (3, 3), "p": (3,)}, normals(3))
def _(w, x):
    a = w["W"] @ w["p"]  # the same for every input
    return join(a * x, w["W"] @ (a + x), (w["W"] * a[None]) @ x)


@model("both factors depend on the same leaf", {"W": (3, 4), "V": (3, 3), "U": (3, 3)}, normals(4))
def _(w, x):
    a = w["W"] @ x
    return join(jnp.outer(a, a), w["V"] @ (jnp.tanh(w["V"]).T @ a), w["U"] * (w["U"] @ a)[:, None])


@model("a product and elsewhere: a penalty, a norm, an entry", {"W": (3, 4), "V": (3, 4), "U": (3, 4)}, normals(4))
def _(w, x):
    a, b, c = w["W"] @ x, w["V"] @ x, w["U"] @ x
    return join(a + jnp.sum(w["W"] ** 2) * x.mean(), b / jnp.linalg.norm(w["V"]), c + w["U"][1, 2])


@model(
    "a parameter for input: learnt tokens, a learnt start",
    {"tokens": (2, 3), "W": (3, 4), "start": (4,), "U": (4, 4)},
    normals(2, 3),
)
def _(w, x):
    a = jnp.tanh(jnp.concatenate([w["tokens"], x]) @ w["W"])
    return jnp.mean(a, axis=0) + jnp.tanh(w["U"] @ w["start"])


@model("weights that the model computes: a hypernetwork", {"W": (6, 2), "b": (3,)}, normals(2))
def _(w, x):
    return jnp.tanh((w["W"] @ x).reshape(3, 2)) @ x + w["b"]


# What does not depend on the input, on the parameters, or on a product that is there


@model("factors that are the same for every input", {"W": (3, 2), "V": (2, 3), "U": (3, 2)}, normals(3))
def _(w, x):
    ones = jnp.ones(2, x.dtype)
    return jnp.sin(x) * (w["W"] @ ones) + w["V"].T @ ones + w["U"] @ jnp.tanh(w["V"] @ x)


@model("a model that ignores its input", {"W": (3, 2), "b": (3,)}, normals(2))
def _(w, x):
    return jnp.tanh(w["W"] @ jnp.ones(2, x.dtype)) * w["b"]


@model("a model that ignores its parameters: the input, a constant", {"W": (2, 2)}, normals(2))
def _(w, x):
    return x


@model("a model that is a constant", {"W": (2, 2)}, normals(2))
def _(w, x):
    return jnp.ones((), x.dtype)


@model("the output is a parameter", (3,), normals(2))
def _(w, x):
    return w


@model("the output is a parameter, rearranged, beside others", {"a": (3, 1), "W": (3, 2)}, normals(2))
def _(w, x):
    return -w["a"][:, 0]


@model("the outputs are the activations that go into a product", {"W": (3, 3), "V": (3, 3)}, normals(3))
def _(w, x):
    a = jnp.tanh(w["W"] @ x)
    b = w["V"] @ a
    return jnp.concatenate([a, b, x, a + b])


@model(
    "products without effect: unused, compared, stopped",
    {"W": (3, 4), "unused": (3, 4), "compared": (3, 4), "stopped": (3, 4)},
    normals(4),
)
def _(w, x):
    w["unused"] @ x
    best = jnp.argmax(w["compared"] @ x)
    positive = w["compared"] @ x > 0
    a = w["W"] @ x
    return jnp.where(positive, a, 2 * a) + a[best] * lax.stop_gradient(w["stopped"] @ x)


@model(
    "stop_gradient: on a weight, on an input, straight through",
    {"W": (3, 4), "V": (3, 3), "U": (3, 4), "S": (3, 4)},
    normals(4),
)
def _(w, x):
    a = jnp.tanh(w["W"] @ x) + lax.stop_gradient(2 * w["W"]) @ x
    b = w["V"] @ lax.stop_gradient(a)
    c = (w["U"] + lax.stop_gradient(jnp.round(w["U"]) - w["U"])) @ x
    return join(a, b, c, lax.stop_gradient(w["S"]) @ x + w["S"] @ x[::-1])


@model(
    "leaves: scalars, ranks 0 to 4, empty, unused, nested",
    {"s": (), "rank": [(), (2,), (2, 3), (2, 3, 2), (2, 2, 2, 2)], "empty": (0, 3), "unused": (2,), "none": None},
    normals(3),
)
def _(w, x):
    r0, r1, r2, r3, r4 = w["rank"]
    nothing = jnp.sum(w["empty"] @ x)
    a = jnp.tanh(r0 * (r2 @ x) + r1)
    return jnp.einsum("ijkl,i,j,kml,m->l", r4, a, a, r3, x) * w["s"] + nothing


@model("biases alone", {"b": (3,), "c": ()}, normals(3))
def _(w, x):
    return jnp.tanh(x + w["b"]) * w["c"]


# Control flow, calls, derivatives of one's own


@model("scan: a recurrent network", {"W": (4, 4), "U": (4, 2), "b": (4,), "V": (2, 4)}, normals(5, 2))
def _(w, x):
    def step(h, token):
        return jnp.tanh(w["W"] @ h + w["U"] @ token + w["b"]), None

    h, _ = lax.scan(step, jnp.zeros(4, x.dtype), x)
    return w["V"] @ h


@model("scan: over stacked layers, and a weight inside and outside", {"layers": (3, 4, 4), "W": (4, 4)}, normals(4))
def _(w, x):
    a, outs = lax.scan(lambda a, V: (jnp.tanh(V @ a + w["W"] @ a), a.sum()), x, w["layers"])
    return join(w["W"] @ a, outs)


@model(
    "cond and switch: by the input, with products in the branches", {"W": (3, 4), "V": (3, 4), "U": (3, 4)}, normals(4)
)
def _(w, x):
    a = lax.cond(x[0] > 0, lambda W, V: W @ x, lambda W, V: jnp.tanh(V @ x), w["W"], w["V"])
    branches = [lambda t: t, jnp.sin, lambda t: w["U"] @ x * t]
    return lax.switch(jnp.argmax(x[:3]), branches, a) + w["U"] @ jnp.cos(x)


@model("fori_loop and map over a weight, while_loop over the input", {"W": (4, 4), "V": (3, 4)}, normals(2, 4))
def _(w, x):
    scale = lax.while_loop(lambda s: s < 3, lambda s: s * 1.7, jnp.abs(x[0, 0]) + 0.5)
    a = lax.fori_loop(0, 3, lambda _, a: jnp.tanh(w["W"] @ a), x[0] / scale)
    return join(a, lax.map(lambda t: w["V"] @ t, x))


@model("checkpoint: a block, twice, with a policy, nested", {"W": (4, 4), "V": (4, 4), "U": (2, 4)}, normals(4))
def _(w, x):
    def block(W, a):
        return jnp.tanh(W @ jnp.sin(W @ a))

    plain = jax.checkpoint(block)
    saved = jax.checkpoint(block, policy=jax.checkpoint_policies.dots_saveable)
    whole = jax.checkpoint(lambda W, a: plain(W, jax.checkpoint(jnp.cos)(W @ a)))
    return w["U"] @ (saved(w["W"], plain(w["W"], x)) + whole(w["V"], x))


@jax.jit
def _layer(W, a):
    return jnp.tanh(W @ a)


@model(
    "jit: one jitted layer for several weights, and twice for one", {"W": (4, 4), "V": (4, 4), "U": (4, 4)}, normals(4)
)
def _(w, x):
    return _layer(w["W"], _layer(w["V"], _layer(w["W"], x))) + jax.jit(jax.jit(_layer))(w["U"].T, x)


@model(
    "jit: weights passed twice, closed over, handed through, the whole of phi",
    {"W": (4, 4), "V": (4, 4), "U": (4, 4)},
    normals(4),
)
@jax.jit
def _(w, x):
    twice = jax.jit(lambda A, B, a: A @ jnp.tanh(B @ a))
    closed = jax.jit(lambda a: jnp.tanh(w["V"] @ a))
    through = jax.jit(lambda A, a: (A.T, a, A @ a, A))
    turned, same, product, again = through(w["U"], x)
    return twice(w["W"], w["W"], x) + closed(x) + turned @ jnp.sin(same) + again @ product


@model("custom_jvp: activations of jax.nn", {"W": (5, 4), "V": (5, 5), "U": (5, 5), "S": (2, 5)}, normals(4))
def _(w, x):
    a = jax.nn.relu(w["W"] @ x)
    a = jax.nn.gelu(w["V"] @ a)
    a = jax.nn.silu(w["U"] @ a)
    return w["S"] @ jax.nn.log_softmax(jax.nn.softplus(a))


@jax.custom_jvp
def _jvp_product(W, a):
    return W @ a


@_jvp_product.defjvp
def _(primals, tangents):
    (W, a), (dW, da) = primals, tangents
    return W @ a, 3 * (dW @ a) + jnp.cos(W) @ da  # not the derivative of the product, but the one asked for


@model("custom_jvp: a product with a derivative of its own", {"W": (4, 4), "V": (4, 4)}, normals(4))
def _(w, x):
    return _jvp_product(w["V"], jnp.tanh(_jvp_product(w["W"], x))) + w["W"] @ x


@jax.custom_vjp
def _vjp_product(W, a):
    return W @ a


_vjp_product.defvjp(lambda W, a: (W @ a, (W, a)), lambda saved, g: (2 * jnp.outer(g, saved[1]), saved[0].T @ g))


@model("custom_vjp: a product with a derivative of its own", {"W": (4, 4), "V": (2, 4)}, normals(4), reverse=True)
def _(w, x):
    return w["V"] @ jnp.tanh(_vjp_product(w["W"], x))


@jax.custom_vjp
def _tripled(p):
    return p


_tripled.defvjp(lambda p: (p, None), lambda _, g: (3 * g,))


@model(
    "custom_vjp: a gradient scaled before, after and between products",
    {"W": (4, 4), "V": (4, 4), "U": (2, 4)},
    normals(4),
    reverse=True,
)
def _(w, x):
    a = jnp.tanh(_tripled(w["W"]) @ x)
    return _tripled(w["U"] @ _tripled(jnp.tanh(w["V"] @ a)))


@model("derivatives inside phi: of a network by its input", {"W": (5, 3), "c": (5,)}, normals(3))
def _(w, x):
    def u(t):
        return w["c"] @ jnp.tanh(w["W"] @ t)

    gradient = jax.grad(u)(x)
    _, curvature = jax.jvp(jax.grad(u), (x,), (jnp.ones_like(x),))
    return u(x) + gradient @ x + curvature.sum()


@model("linear algebra: solve, determinant, Cholesky, sort", {"W": (3, 3), "V": (3, 3), "U": (3, 3)}, normals(3))
def _(w, x):
    eye = 2 * jnp.eye(3, dtype=x.dtype)
    C = jnp.linalg.cholesky(w["V"] @ w["V"].T + eye)
    return join(jnp.linalg.solve(w["W"] + eye, x), C @ x * jnp.linalg.slogdet(C)[1], jnp.sort(w["U"], axis=1) @ x)


@model("identities: barrier, copy, reduced precision, named scope", {"W": (3, 4), "V": (3, 4), "U": (3, 4)}, normals(4))
def _(w, x):
    with jax.named_scope("products"):
        a = lax.optimization_barrier(w["W"]) @ x
        return join(a, jnp.array(w["V"], copy=True) @ x, lax.reduce_precision(w["U"], 11, 52) @ x)


@model("dropout with a fixed key, integers closed over", {"W": (6, 4), "V": (2, 6)}, normals(4))
def _(w, x):
    keep = jax.random.bernoulli(jax.random.key(3), 0.6, (6,))
    order = jnp.asarray(np.array([3, 1, 0, 2]))
    return w["V"] @ jnp.where(keep, jnp.tanh(w["W"] @ x[order]), 0)


# Convolutions


def conv(x, kernel, stride=1, padding="VALID", layout=None, **options):
    """A convolution of one example, to which a batch axis of size one is added."""
    d = kernel.ndim - 2
    layout = layout or {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}[d]
    return lax.conv_general_dilated(x[None], kernel, (stride,) * d, padding, dimension_numbers=layout, **options)[0]


@model("convolution: 1-D, then 3-D", {"line": (3, 2, 4), "space": (2, 1, 2, 2, 3)}, normals(8, 2))
def _(w, x):
    a = jnp.tanh(conv(x, w["line"]))
    return join(a, conv(x.reshape(2, 2, 2, 2), w["space"], padding="SAME"))


@model(
    "convolution: 2-D, strides and SAME padding",
    {"a": (3, 3, 2, 3), "b": (2, 3, 3, 2), "c": (3, 3, 2, 3)},
    normals(5, 6, 2),
)
def _(w, x):
    a = jnp.tanh(conv(x, w["a"], padding="SAME"))
    return join(conv(a, w["b"], stride=2, padding="SAME"), conv(x, w["c"], stride=3))


@model(
    "convolution: explicit, uneven and negative padding",
    {"a": (3, 3, 2, 3), "b": (2, 2, 2, 2), "wide": (7, 2, 2, 1)},
    normals(5, 4, 2),
)
def _(w, x):
    return join(
        conv(x, w["a"], padding=((2, 0), (1, 3))),
        conv(x, w["b"], stride=2, padding=((-1, 1), (0, -1))),
        conv(x, w["wide"], padding=((3, 3), (0, 0))),
    )


@model(
    "convolution: channels first, and other layouts",
    {"a": (3, 2, 3, 2), "b": (2, 3, 3, 2), "c": (3, 2, 2, 2)},
    normals(2, 4, 5),
)
def _(w, x):
    a = jnp.tanh(conv(x, w["a"], layout=("NCHW", "OIHW", "NCHW"), padding="SAME"))
    b = jnp.tanh(conv(a, w["b"], layout=("NCHW", "HIWO", "NHWC")))
    c = lax.conv_general_dilated(x[:, :, None, :], w["c"], (2, 1), "SAME", dimension_numbers=("CHNW", "OWHI", "WNCH"))
    return join(b, c)


@model(
    "convolution: dilated, transposed, and both",
    {"a": (2, 3, 2, 2), "b": (3, 3, 2, 2), "c": (2, 2, 2, 3), "d": (2, 2, 3, 2)},
    normals(5, 6, 2),
)
def _(w, x):
    return join(
        conv(x, w["a"], rhs_dilation=(2, 1)),
        conv(x, w["b"], lhs_dilation=(2, 3), padding=((1, 2), (2, 0))),
        conv(x, w["c"], stride=2, lhs_dilation=(3, 1), rhs_dilation=(2, 2), padding=((0, 1), (1, 1))),
        lax.conv_transpose(x[None], w["d"], (2, 2), "SAME", transpose_kernel=True)[0],
    )


@model(
    "convolution: grouped and depthwise", {"a": (3, 2, 2, 6), "b": (2, 2, 1, 12), "c": (2, 2, 1, 4)}, normals(4, 5, 4)
)
def _(w, x):
    a = jnp.tanh(conv(x, w["a"], feature_group_count=2))
    return join(
        conv(a, w["b"], feature_group_count=6, padding="SAME", stride=2),
        conv(x, w["c"], feature_group_count=4, rhs_dilation=(2, 1), padding=((1, 0), (0, 1))),
    )


@model("convolution: groups of a batch", {"a": (2, 2, 2, 4), "b": (3, 2, 6)}, normals(4, 4, 4, 2))
def _(w, x):
    a = lax.conv_general_dilated(
        x, w["a"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"), batch_group_count=2
    )
    b = lax.conv_general_dilated(
        x[:, 0], w["b"], (2,), [(1, 1)], dimension_numbers=("NWC", "WIO", "NWC"), batch_group_count=2
    )
    return join(a, b)


@model(
    "convolution: 1 × 1, all of the image, no spatial axis",
    {"one": (1, 1, 2, 3), "all": (4, 4, 3, 2), "none": (2, 3)},
    normals(4, 4, 2),
)
def _(w, x):
    a = jnp.tanh(conv(x, w["one"]))
    flat = lax.conv_general_dilated(x[0], w["none"], (), [], dimension_numbers=("NC", "IO", "NC"))
    return join(conv(a, w["all"]), flat)


@model(
    "convolution: the weight is the image and the image the kernel", {"W": (6, 5, 2), "V": (5, 2, 2)}, normals(2, 2, 2)
)
def _(w, x):
    kernel = x[..., None]
    return join(conv(w["W"], kernel, padding="SAME"), lax.conv(w["V"].T[None], x[None], (1, 1), "SAME"))


@model(
    "convolution: several positions in the batch, under vmap, a kernel for each",
    {"a": (2, 2, 2, 3), "b": (2, 3, 2), "c": (3, 2, 2, 2)},
    normals(3, 4, 4, 2),
)
def _(w, x):
    a = jnp.tanh(lax.conv_general_dilated(x, w["a"], (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")))
    b = jax.vmap(jax.vmap(lambda row: conv(row, w["b"])))(a)  # rows of frames
    c = jax.vmap(lambda kernel, frame: conv(frame, kernel, padding="SAME"))(w["c"], x[:, 0])
    d = jax.vmap(lambda kernel: conv(x[0, 1], kernel))(w["c"])
    return join(b, c, d)


@model(
    "convolution: a kernel that is scaled, turned, reshaped, masked, cut",
    {"a": (3, 3, 2, 2), "b": (3, 2, 3, 2), "c": (8, 3), "d": (3, 3, 2, 2), "e": (4, 4, 2, 2)},
    normals(4, 4, 2),
)
def _(w, x):
    return join(
        conv(x, w["a"] / math.sqrt(18), padding="SAME"),
        conv(x, -w["b"].transpose(0, 2, 1, 3)),
        conv(x, w["c"].reshape(2, 2, 2, 3)) / 2,
        conv(x, w["d"] * constant(x, 3, 3, 1, 1)),
        conv(x, w["e"][::2, 1:]),
    )


@model(
    "convolution: one kernel for two images, two strides, two layouts",
    {"a": (2, 2, 2, 2), "b": (2, 2, 2, 2), "c": (2, 2, 2, 2), "d": (2, 2)},
    normals(4, 4, 2),
)
def _(w, x):
    half = x[::2, ::2]
    return join(
        jnp.tanh(conv(x, w["a"])).mean((0, 1)) * conv(half, w["a"]).sum((0, 1)) + conv(half, 2 * w["a"])[0, 0],
        conv(x, w["b"], stride=2).mean((0, 1)) + conv(x, w["b"], padding="SAME").mean((0, 1)),
        conv(jnp.tanh(conv(x, w["c"])), w["c"].swapaxes(2, 3)),
        conv(x, w["d"][None, None]).mean((0, 1)) + x[0, 0] @ w["d"],
    )


@model(
    "convolution: a network with pooling",
    {"a": (3, 3, 2, 4), "b": (3, 3, 4, 4), "bias": (4,), "out": (4, 3)},
    normals(6, 6, 2),
)
def _(w, x):
    a = jax.nn.relu(conv(x, w["a"], padding="SAME"))
    a = lax.reduce_window(a, -jnp.inf, lax.max, (2, 2, 1), (2, 2, 1), "VALID")
    a = jax.nn.relu(conv(a, w["b"], padding="SAME") + w["bias"][None, None])
    a = lax.reduce_window(a, 0.0, lax.add, (2, 2, 1), (1, 1, 1), "SAME") / 4
    return jnp.mean(a, axis=(0, 1)) @ w["out"] + a.sum()


@model("convolution: one output () and a residual block", {"a": (3, 2, 2), "b": (3, 2, 2), "c": (2,)}, normals(6, 2))
def _(w, x):
    a = x + conv(jax.nn.relu(conv(x, w["a"], padding="SAME")), w["b"], padding="SAME")
    return jnp.sum(a @ w["c"])


# Layers


def layer_norm(x):
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return centred / jnp.sqrt(jnp.mean(centred**2, axis=-1, keepdims=True) + 1e-5)


@model(
    "norms: layer norm with gain and bias, RMS norm",
    {"W": (6, 4), "gain": (6,), "bias": (6,), "V": (6, 6), "scale": (6,), "U": (2, 6)},
    normals(4),
)
def _(w, x):
    a = w["gain"] * layer_norm(w["W"] @ x) + w["bias"]
    b = w["V"] @ jnp.tanh(a)
    return w["U"] @ (w["scale"] * b / jnp.sqrt(jnp.mean(b**2) + 1e-5))


@model("attention: heads by einsum", {"q": (4, 2, 3), "k": (4, 2, 3), "v": (4, 2, 3), "out": (2, 3, 4)}, normals(3, 4))
def _(w, x):
    q, k, v = (jnp.einsum("td,dhe->the", x, w[name]) for name in "qkv")
    weights = jax.nn.softmax(jnp.einsum("the,she->hts", q, k) / math.sqrt(3), axis=-1)
    return jnp.mean(jnp.einsum("hts,she,hed->td", weights, v, w["out"]), axis=0)


@model(
    "attention: a pre-norm block, one leaf for q, k and v",
    {
        "embed": (7, 4),
        "place": (3, 4),
        "qkv": (4, 12),
        "out": (4, 4),
        "up": (4, 8),
        "down": (8, 4),
        "gain": (2, 4),
        "read": (4,),
    },
    integers(7, 3),
)
def _(w, tokens):
    x = w["embed"][tokens] + w["place"]
    q, k, v = (part.reshape(3, 2, 2) for part in jnp.split((layer_norm(x) * w["gain"][:1]) @ w["qkv"], 3, axis=-1))
    scores = jnp.einsum("the,she->hts", q, k) + jnp.where(np.tri(3, dtype=bool), 0.0, -jnp.inf).astype(x.dtype)[None]
    x = x + jnp.einsum("hts,she->the", jax.nn.softmax(scores), v).reshape(3, 4) @ w["out"]
    x = x + jax.nn.gelu((layer_norm(x) * w["gain"][1:]) @ w["up"]) @ w["down"]
    return x[-1] @ w["read"]


@model(
    "embedding: by look-up, by one-hot product, padded with zeros",
    {"table": (6, 3), "hot": (3, 6), "W": (3, 3)},
    integers(6, 4),
)
def _(w, x):
    a = jnp.where((x > 0)[:, None], w["table"][x], 0).sum(0)
    b = w["hot"] @ jax.nn.one_hot(x[0], 6, dtype=a.dtype)
    return w["W"] @ jnp.tanh(a + b)


@model("recurrence: GRU, unrolled, gates in one leaf", {"W": (9, 2), "U": (9, 3), "b": (9,)}, normals(3, 2))
def _(w, x):
    h = jnp.zeros(3, x.dtype)
    for token in x:
        rx, zx, nx = jnp.split(w["W"] @ token + w["b"], 3)
        rh, zh, nh = jnp.split(w["U"] @ h, 3)
        z = jax.nn.sigmoid(zx + zh)
        h = (1 - z) * jnp.tanh(nx + jax.nn.sigmoid(rx + rh) * nh) + z * h
    return h


@model("mixture of experts: soft gates by einsum", {"gate": (3, 4), "in": (3, 5, 4), "out": (3, 2, 5)}, normals(4))
def _(w, x):
    hidden = jnp.tanh(jnp.einsum("eij,j->ei", w["in"], x))
    return jnp.einsum("e,eoi,ei->o", jax.nn.softmax(w["gate"] @ x), w["out"], hidden)


@model("weight norm and spectral norm", {"v": (4, 3), "g": (4,), "W": (4, 4)}, normals(3))
def _(w, x):
    W = w["g"][:, None] * w["v"] / jnp.linalg.norm(w["v"], axis=1, keepdims=True)
    u = jnp.ones(4, x.dtype)
    for _ in range(2):
        u = w["W"] @ (w["W"].T @ u)
        u = lax.stop_gradient(u / jnp.linalg.norm(u))
    return w["W"] / jnp.linalg.norm(w["W"].T @ u) @ jnp.tanh(W @ x)


@model(
    "residual: NTK parametrization",
    {"in": (6, 3), "blocks": [(6, 6), (6, 6)], "biases": [(6,), (6,)], "out": (6,)},
    normals(3),
)
def _(w, x):
    a = w["in"] @ x / math.sqrt(3)
    for W, b in zip(w["blocks"], w["biases"], strict=True):
        a = a + jax.nn.relu(W / math.sqrt(6) @ a + 0.1 * b)
    return w["out"] @ a / math.sqrt(6)


# Inputs of other ranks and kinds


@model("inputs: one number", {"a": (4,), "b": (4,), "c": (2, 4)}, normals())
def _(w, x):
    return w["c"] @ jnp.tanh(w["a"] * x + w["b"])


@model("inputs: images of bytes", {"W": (8, 3), "V": (2, 3)}, integers(256, 4, 2).astype(np.uint8))
def _(w, x):
    return w["V"] @ jnp.tanh(x.astype(w["W"].dtype).ravel() / 255 @ w["W"])


@model("inputs: booleans", {"W": (3, 4), "b": (3,)}, integers(2, 4).astype(bool))
def _(w, x):
    return jnp.tanh(w["W"] @ x.astype(w["W"].dtype)) + jnp.where(x[:3], w["b"], 0)


# Models of other libraries; flax means to promote dtypes, which the tests otherwise forbid


def _equinox(make: Callable[..., Any], *shape: int) -> Callable[[str], Animal]:
    def animal(dtype: str) -> Animal:
        import equinox as eqx

        w0, static = eqx.partition(make(eqx.nn, jax.random.key(0), jnp.dtype(dtype)), eqx.is_inexact_array)
        return Animal(lambda w, x: eqx.combine(w, static)(x), w0, *inputs_of(normals(*shape), dtype))

    return animal


ZOO["equinox: MLP"] = _equinox(lambda nn, key, dtype: nn.MLP(3, 2, 5, 2, jnp.tanh, dtype=dtype, key=key), 3)
ZOO["equinox: MLP with one output ()"] = _equinox(
    lambda nn, key, dtype: nn.MLP("scalar", "scalar", 4, 1, use_bias=False, dtype=dtype, key=key)
)
ZOO["equinox: Conv2d, LayerNorm, Linear"] = _equinox(
    lambda nn, key, dtype: nn.Sequential(
        [
            nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2, dtype=dtype, key=key),
            nn.LayerNorm((4, 3, 3), dtype=dtype),
            nn.Lambda(jax.nn.relu),
            nn.ConvTranspose2d(4, 2, 2, dtype=dtype, key=key),
            nn.Lambda(jnp.ravel),
            nn.Linear(32, 2, dtype=dtype, key=key),
        ]
    ),
    2,
    5,
    5,
)


def _equinox_attention(dtype: str) -> Animal:
    import equinox as eqx

    cell = eqx.nn.GRUCell(4, 3, dtype=jnp.dtype(dtype), key=jax.random.key(0))
    attention = eqx.nn.MultiheadAttention(2, 4, dtype=jnp.dtype(dtype), key=jax.random.key(1))
    w0, static = eqx.partition({"attention": attention, "cell": cell}, eqx.is_inexact_array)

    def phi(w: Any, x: Any) -> jax.Array:
        layers = eqx.combine(w, static)
        a = layers["attention"](x, x, x)
        return lax.scan(lambda h, token: (layers["cell"](token, h), None), jnp.zeros(3, x.dtype), a)[0]

    return Animal(phi, w0, *inputs_of(normals(3, 4), dtype))


ZOO["equinox: MultiheadAttention and GRUCell"] = _equinox_attention


def _linen(dtype: str) -> Animal:
    from flax import linen as nn

    class Network(nn.Module):
        @nn.compact
        def __call__(self, x):
            options = {"param_dtype": jnp.dtype(dtype)}
            x = nn.relu(nn.Conv(4, (3, 3), strides=2, feature_group_count=2, **options)(x))
            x = nn.LayerNorm(**options)(x)
            x = nn.BatchNorm(use_running_average=True, **options)(x)
            x = nn.ConvTranspose(3, (2, 2), **options)(x)
            return nn.Dense(2, **options)(nn.max_pool(x, (2, 2)).mean((0, 1)))

    network = Network()
    return _flax(network.init, network.apply, "batch_stats", (5, 5, 2), dtype)


def _linen_attention(dtype: str) -> Animal:
    from flax import linen as nn

    class Network(nn.Module):
        @nn.compact
        def __call__(self, tokens):
            options = {"param_dtype": jnp.dtype(dtype)}
            embed = nn.Embed(6, 4, **options)
            x = embed(tokens)
            x = x + nn.MultiHeadDotProductAttention(2, **options)(nn.LayerNorm(**options)(x))
            return embed.attend(x).mean(0)

    network = Network()
    return _flax(network.init, network.apply, "none", integers(6, 3), dtype)


def _flax(init: Any, apply: Any, fixed: str, inputs: Any, dtype: str) -> Animal:
    X, X2 = inputs_of(normals(*inputs) if isinstance(inputs, tuple) else inputs, dtype)
    with jax.numpy_dtype_promotion("standard"):
        variables = init(jax.random.key(0), X[0])
    rest = {name: value for name, value in variables.items() if name == fixed}

    def phi(w: Any, x: Any) -> jax.Array:
        with jax.numpy_dtype_promotion("standard"):
            return apply({"params": w, **rest}, x)

    return Animal(phi, variables["params"], X, X2)


def _nnx(dtype: str) -> Animal:
    from flax import nnx

    class Network(nnx.Module):
        def __init__(self, rngs):
            options = {"param_dtype": jnp.dtype(dtype), "rngs": rngs}
            self.conv = nnx.Conv(2, 4, (3, 3), strides=2, **options)
            self.norm = nnx.LayerNorm(4, **options)
            self.batch = nnx.BatchNorm(4, use_running_average=True, **options)
            self.dropout = nnx.Dropout(0.5, deterministic=True, rngs=rngs)
            self.out = nnx.Linear(4, 2, **options)

        def __call__(self, x):
            x = self.dropout(self.batch(self.norm(nnx.relu(self.conv(x)))))
            return self.out(x.mean((0, 1)))

    graph, w0, rest = nnx.split(Network(nnx.Rngs(0)), nnx.Param, ...)

    def phi(w: Any, x: Any) -> jax.Array:
        with jax.numpy_dtype_promotion("standard"):
            return nnx.merge(graph, w, rest)(x)

    return Animal(phi, w0, *inputs_of(normals(5, 5, 2), dtype))


ZOO["flax linen: Conv, LayerNorm, BatchNorm, ConvTranspose, Dense"] = _linen
ZOO["flax linen: Embed, tied, and attention"] = _linen_attention
ZOO["flax nnx: Conv, LayerNorm, BatchNorm, Dropout, Linear"] = _nnx
