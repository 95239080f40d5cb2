"""How a model uses its parameters, read from its jaxpr: which are weights of products, and what enters and leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal, Var

from ntklib import _checks

__all__ = ["Factors", "WeightProduct", "factorize", "weight_products"]

# what only wraps a jaxpr, and under which name; all else, control flow and custom derivatives too, stays closed
_WRAPPERS = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "checkpoint": "jaxpr", "remat2": "jaxpr"}

# what gives every entry of its operand one place in its result
_REARRANGEMENTS = {"copy", "copy_p", "reshape", "rev", "squeeze", "transpose"}


class _Weight(NamedTuple):
    """A value that is a parameter leaf up to the order of its entries, to repetition and to scalar factors."""

    leaf: int
    path: tuple[Any, ...]  # the rearrangements that lead here
    axes: tuple[int | None, ...]  # for each axis, its number after the rearrangements; None along which it only repeats
    scales: tuple[tuple[str, Any], ...]  # ("mul" or "div", the scalar in the jaxpr)


class WeightProduct(NamedTuple):
    """One equation z = product of a weight with an input, ``leaf`` being the weight.

    The weight's axes fall into groups (each with its own block), in (summed against the input) and out.
    """

    equation: int
    operand: int
    weight: _Weight
    groups: tuple[Any, ...]
    ins: tuple[Any, ...]
    outs: tuple[Any, ...]

    @property
    def layout(self) -> tuple[Any, ...]:
        """Two uses of a leaf add up as factors where they have this in common."""
        return self.weight.path, self.groups, self.ins, self.outs


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Factors:
    """The Jacobian of one leaf for one input as it comes from the model, before patches are cut out of images."""

    entering: list[jax.Array]  # what enters each product
    leaving: list[jax.Array]  # the derivative of each output with respect to what leaves it
    arrange: Callable[..., tuple[jax.Array, jax.Array]] = field(metadata={"static": True})

    def matrices(self) -> tuple[jax.Array, jax.Array]:
        """A and G, of shapes (g, p, i) and (o, g, p, q), with ∂Φ_a/∂W_giq = Σ_p A_gpi G_agpq.

        The weight has groups g and is used at positions p, from i to q.
        """
        return self.arrange(self.entering, self.leaving)


def weight_products(phi: _checks.Model, w0: Any, x: Any) -> dict[int, list[WeightProduct]]:
    """The leaves of w0 that are used as the weights of matrix products and convolutions alone, and those uses.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        x: One input, or its shape and dtype.

    Returns:
        For the number of each such leaf (in the order of ``jax.tree.leaves``) its products. Two uses of a leaf
        that see it in different layouts do not count, nor does a leaf that is used in any other way.

    Example:
        >>> import jax.numpy as jnp
        >>> def phi(w, x):
        ...     return w["c"] @ jnp.tanh(w["W"] @ x + w["b"])
        >>> w0 = {"W": jnp.ones((3, 2)), "b": jnp.ones(3), "c": jnp.ones(3)}
        >>> sorted(weight_products(phi, w0, jnp.ones(2)))  # W and c, not b
        [0, 2]
    """
    return _products(_flatten(phi, w0, x), len(jax.tree.leaves(w0)))


@partial(jax.jit, static_argnames="phi")  # it keeps what it has traced
def factorize(phi: _checks.Model, w0: Any, x: jax.Array) -> list[Factors | jax.Array]:
    """For each leaf of w0 its Jacobian at one input, in factors where its uses allow it.

    ``eq-leaving``: zeros are added to what leaves each product, and one vector-Jacobian product for each output, with
    respect to these zeros and to all other leaves, gives every G and every other Jacobian.

    Args:
        phi: The model, ``phi(w, x)``, for one input, with o outputs (o = 1 for a scalar model).
        w0: The initialization, a pytree of float arrays.
        x: One input.

    Returns:
        For each leaf ``Factors``, or its Jacobian, shape (o, numbers in the leaf), in another order than the
        leaves'. A bias, added to what leaves a product at one position, stands with its weight, as the weight of an
        input 1.
    """
    jaxpr = _flatten(phi, w0, x)
    leaves = jax.tree.leaves(w0)
    products = _products(jaxpr, len(leaves))
    others = [leaf for leaf in range(len(leaves)) if leaf not in products]
    equations = sorted({product.equation for uses in products.values() for product in uses})

    def perturbed(shifts: list[jax.Array], parameters: list[jax.Array]) -> tuple[jax.Array, dict[int, list[jax.Array]]]:
        """The outputs, with a shift added to what leaves each product, and what enters the products of each leaf."""
        values = list(leaves)
        for leaf, parameter in zip(others, parameters, strict=True):
            values[leaf] = parameter
        shift = dict(zip(equations, shifts, strict=True))
        env: dict[Var, Any] = dict(zip(jaxpr.jaxpr.constvars, jaxpr.consts, strict=True))
        env.update(zip(jaxpr.jaxpr.invars, [*values, *jax.tree.leaves(x)], strict=True))
        for index, eqn in enumerate(jaxpr.eqns):
            results = _bind(eqn, [_read(env, atom) for atom in eqn.invars])
            if index in shift:
                results = [results[0] + shift[index]]
            env.update(zip(eqn.outvars, results, strict=True))
        inputs = {
            leaf: [_entering(product, jaxpr.eqns[product.equation], env) for product in uses]
            for leaf, uses in products.items()
        }
        return jnp.atleast_1d(_read(env, jaxpr.jaxpr.outvars[0])), inputs

    shifts = [jnp.zeros(v.aval.shape, v.aval.dtype) for v in (jaxpr.eqns[index].outvars[0] for index in equations)]
    outputs, pullback, inputs = jax.vjp(perturbed, shifts, [leaves[leaf] for leaf in others], has_aux=True)
    cotangents, jacobians = jax.vmap(pullback)(jnp.eye(outputs.size, dtype=outputs.dtype))
    cotangent = dict(zip(equations, cotangents, strict=True))

    parts: list[Factors | jax.Array] = []
    biases: set[int] = set()
    last_first = sorted(products.items(), key=lambda item: -item[1][0].equation)  # as the derivatives are ready
    for leaf, uses in last_first:
        z = cotangent[uses[0].equation]
        own = [
            other
            for other, jacobian in zip(others, jacobians, strict=True)
            if jacobian is z and leaves[other].dtype == leaves[leaf].dtype and _single(uses, jaxpr)
        ]
        biases.update(own)
        arrange = partial(_arrange, [(use, jaxpr.eqns[use.equation]) for use in uses], len(own), leaves[leaf].dtype)
        parts.append(Factors(inputs[leaf], [cotangent[use.equation] for use in uses], arrange))
    for leaf, jacobian in zip(others, jacobians, strict=True):
        if leaf not in biases:
            parts.append(jacobian.reshape(outputs.size, leaves[leaf].size))
    return parts


def _single(uses: Sequence[WeightProduct], jaxpr: ClosedJaxpr) -> bool:
    """Whether the weight has one group and is used once, at one position: then G is what leaves, rearranged."""
    (use, *more) = uses
    eqn = jaxpr.eqns[use.equation]
    if more or use.groups or eqn.primitive.name != "dot_general":
        return False
    axes = _dot_axes(use, eqn)
    return not axes.positions and len(axes.outs) == len(_shape(eqn.outvars[0]))


# The jaxpr


def _flatten(phi: _checks.Model, w0: Any, x: Any) -> ClosedJaxpr:
    """The jaxpr of the model for one input, with what jit and checkpoint wrap written out in place."""
    traced = jax.make_jaxpr(phi)(w0, x)
    if not any(eqn.primitive.name in _WRAPPERS for eqn in traced.eqns):
        return traced
    return jax.make_jaxpr(lambda *args: _evaluate(traced, args))(*jax.tree.leaves((w0, x)))


def _evaluate(jaxpr: ClosedJaxpr, args: Sequence[Any]) -> list[Any]:
    env: dict[Var, Any] = dict(zip(jaxpr.jaxpr.constvars, jaxpr.consts, strict=True))
    env.update(zip(jaxpr.jaxpr.invars, args, strict=True))
    for eqn in jaxpr.eqns:
        values = [_read(env, atom) for atom in eqn.invars]
        if eqn.primitive.name in _WRAPPERS:
            inner = eqn.params[_WRAPPERS[eqn.primitive.name]]
            results = _evaluate(inner if isinstance(inner, ClosedJaxpr) else ClosedJaxpr(inner, ()), values)
        else:
            results = _bind(eqn, values)
        env.update(zip(eqn.outvars, results, strict=True))
    return [_read(env, atom) for atom in jaxpr.jaxpr.outvars]


def _read(env: dict[Var, Any], atom: Any) -> Any:
    return atom.val if isinstance(atom, Literal) else env[atom]


def _shape(atom: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = atom.aval.shape
    return shape


def _bind(eqn: JaxprEqn, values: Sequence[Any]) -> list[Any]:
    bound = eqn.primitive.get_bind_params(eqn.params)
    functions, params = bound if isinstance(bound, tuple) else ((), bound)  # a dictionary alone since jax 0.10
    results = eqn.primitive.bind(*functions, *values, **params)
    return list(results) if eqn.primitive.multiple_results else [results]


# The uses of the leaves


def _products(jaxpr: ClosedJaxpr, leaves: int) -> dict[int, list[WeightProduct]]:
    weights: dict[Var, _Weight] = {
        v: _Weight(leaf, (), tuple(range(len(_shape(v)))), ()) for leaf, v in enumerate(jaxpr.jaxpr.invars[:leaves])
    }
    products: dict[int, list[WeightProduct]] = {leaf: [] for leaf in range(leaves)}
    constants: dict[Var, Any] = {}  # arrays of one repeated scalar
    others: set[int] = set()  # leaves that are used in another way
    for index, eqn in enumerate(jaxpr.eqns):
        operands = [None if isinstance(atom, Literal) else weights.get(atom) for atom in eqn.invars]
        if eqn.primitive.name == "broadcast_in_dim" and _shape(eqn.invars[0]) == ():
            constants[eqn.outvars[0]] = eqn.invars[0]
        if not any(operands):
            continue
        rearranged = _rearranged(eqn, operands, constants)
        if rearranged is not None:
            weights[eqn.outvars[0]] = rearranged
            others |= {w.leaf for w in operands if w is not None} - {rearranged.leaf}
            continue
        used = [w.leaf for w in operands if w is not None]
        for operand, weight in enumerate(operands):
            product = None if weight is None else _product(index, eqn, operand, weight)
            if weight is None:
                continue
            if product is None or used.count(weight.leaf) > 1:
                others.add(weight.leaf)
            else:
                products[weight.leaf].append(product)
    others |= {weights[v].leaf for v in jaxpr.jaxpr.outvars if not isinstance(v, Literal) and v in weights}
    return {
        leaf: uses
        for leaf, uses in products.items()
        if uses and leaf not in others and len({product.layout for product in uses}) == 1
    }


def _rearranged(eqn: JaxprEqn, operands: list[_Weight | None], constants: dict[Var, Any]) -> _Weight | None:
    """The result of an equation as a weight, where it is one."""
    name, params, weight = eqn.primitive.name, eqn.params, operands[0]
    if name in ("mul", "div") and None in operands:
        side = 0 if operands[0] is not None else 1
        weight, factor = operands[side], eqn.invars[1 - side]
        factor = factor if isinstance(factor, Literal) else constants.get(factor, factor)
        if _shape(factor) == () and weight is not None and (name == "mul" or side == 0):
            return weight._replace(scales=(*weight.scales, (name, factor)))
        return None
    if weight is None or len(operands) > 1:
        return None
    if name == "neg":
        return weight._replace(scales=(*weight.scales, ("mul", -1.0)))
    if name == "convert_element_type" and jnp.issubdtype(params["new_dtype"], jnp.floating):
        return weight
    if name == "transpose":
        if None not in weight.axes:
            return _moved(weight, eqn)
        return weight._replace(axes=tuple(weight.axes[axis] for axis in params["permutation"]))
    if name in _REARRANGEMENTS and None not in weight.axes:
        return _moved(weight, eqn)
    if name == "broadcast_in_dim" and None not in weight.axes:
        before, after = _shape(eqn.invars[0]), _shape(eqn.outvars[0])
        if math.prod(before) == math.prod(after):
            return _moved(weight, eqn)
        axes: list[int | None] = [None] * len(after)
        for axis, place in enumerate(params["broadcast_dimensions"]):
            axes[place] = weight.axes[axis] if before[axis] == after[place] else None
        kept = {axis for axis in axes if axis is not None}
        if all(before[axis] == 1 for axis in range(len(before)) if axis not in kept):
            return weight._replace(axes=tuple(axes))
    return None


def _moved(weight: _Weight, eqn: JaxprEqn) -> _Weight:
    """Under a rearrangement of all its entries a weight starts anew with the axes of the result."""
    shape = _shape(eqn.outvars[0])
    step = (eqn.primitive.name, shape, eqn.params.get("permutation"), eqn.params.get("dimensions"))
    return weight._replace(path=(*weight.path, step), axes=tuple(range(len(shape))))


def _product(index: int, eqn: JaxprEqn, operand: int, weight: _Weight) -> WeightProduct | None:
    """The equation as a product with the weight, where it is one."""
    if eqn.primitive.name == "dot_general":
        contracting, batch = (axes[operand] for axes in eqn.params["dimension_numbers"])
        axes = weight.axes
        free = [axis for axis in range(len(axes)) if axis not in (*contracting, *batch)]
        groups, ins, outs = (
            tuple(sorted(axes[axis] for axis in part if axes[axis] is not None))  # type: ignore[type-var]
            for part in (batch, contracting, free)
        )
        return WeightProduct(index, operand, weight, groups, ins, outs)
    convolution = eqn.primitive.name == "conv_general_dilated" and eqn.params["batch_group_count"] == 1
    if convolution and operand == 1 and None not in weight.axes:
        out, in_, *spatial = eqn.params["dimension_numbers"].rhs_spec
        return WeightProduct(index, operand, weight, (eqn.params["feature_group_count"],), (*spatial, in_), (out,))
    return None


# What enters and what leaves a product


class _Axes(NamedTuple):
    """Where the axes of a dot_general stand in its other operand and in its result."""

    groups: list[tuple[int, int]]
    positions: list[tuple[int, int]]
    ins: list[int]  # in the other operand; its contracting axes that are in none of these are summed
    outs: list[int]  # in the result; as above


def _dot_axes(product: WeightProduct, eqn: JaxprEqn) -> _Axes:
    side, axes = product.operand, product.weight.axes
    contracting, batch = eqn.params["dimension_numbers"]
    other_contracting, other_batch = contracting[1 - side], batch[1 - side]
    free, other_free = (
        [axis for axis in range(len(_shape(eqn.invars[which]))) if axis not in (*contracting[which], *batch[which])]
        for which in (side, 1 - side)
    )
    first, second = len(batch[0]), len(batch[0]) + len(free if side == 0 else other_free)
    start, other_start = (first, second) if side == 0 else (second, first)
    place = {axes[axis]: number for number, axis in enumerate(batch[side]) if axes[axis] is not None}
    inside = {axes[axis]: other for axis, other in zip(contracting[side], other_contracting, strict=True)}
    outside = {axes[axis]: start + number for number, axis in enumerate(free)}
    repeated = [number for number, axis in enumerate(batch[side]) if axes[axis] is None]
    return _Axes(
        groups=[(other_batch[place[axis]], place[axis]) for axis in product.groups],
        positions=[(other_batch[number], number) for number in repeated]
        + [(axis, other_start + number) for number, axis in enumerate(other_free)],
        ins=[inside[axis] for axis in product.ins],
        outs=[outside[axis] for axis in product.outs],
    )


def _arranged(value: jax.Array, *parts: Sequence[int]) -> jax.Array:
    """The value with these groups of axes, each merged into one, and summed over all others."""
    order = [axis for part in parts for axis in part]
    rest = tuple(axis for axis in range(value.ndim) if axis not in order)
    shape = [math.prod(value.shape[axis] for axis in part) for part in parts]
    return jnp.transpose(value, (*order, *rest)).sum(tuple(range(len(order), value.ndim))).reshape(shape)


def _entering(product: WeightProduct, eqn: JaxprEqn, env: dict[Var, Any]) -> jax.Array:
    """What enters the product, times the scalars on the weight."""
    other: jax.Array = _read(env, eqn.invars[1 - product.operand])
    for name, factor in product.weight.scales:
        scale = factor if isinstance(factor, float) else jnp.asarray(_read(env, factor), other.dtype)
        other = other * scale if name == "mul" else other / scale
    return other


def _arrange(
    uses: Sequence[tuple[WeightProduct, JaxprEqn]],
    ones: int,
    dtype: Any,
    entering: Sequence[jax.Array],
    leaving: Sequence[jax.Array],
) -> tuple[jax.Array, jax.Array]:
    """A and G, the uses of the weight one after the other among the positions, with so many inputs 1 in A."""
    A = jnp.concatenate([_input(*use, other) for use, other in zip(uses, entering, strict=True)], axis=1)
    G = jnp.concatenate([jax.vmap(partial(_output, *use))(z) for use, z in zip(uses, leaving, strict=True)], axis=2)
    if ones:
        A = jnp.concatenate([A, jnp.ones((*A.shape[:2], ones), A.dtype)], axis=2)
    return A.astype(dtype), G.astype(dtype)


def _input(product: WeightProduct, eqn: JaxprEqn, other: jax.Array) -> jax.Array:
    """A, shape (groups, positions, in), from what enters the product."""
    if eqn.primitive.name == "dot_general":
        axes = _dot_axes(product, eqn)
        return _arranged(other, [a for a, _ in axes.groups], [a for a, _ in axes.positions], axes.ins)
    return _patches(other, eqn)


def _output(product: WeightProduct, eqn: JaxprEqn, z: jax.Array) -> jax.Array:
    """G, shape (groups, positions, out), from the derivative with respect to the result of the product."""
    if eqn.primitive.name == "dot_general":
        axes = _dot_axes(product, eqn)
        return _arranged(z, [a for _, a in axes.groups], [a for _, a in axes.positions], axes.outs)
    batch, channel, *spatial = eqn.params["dimension_numbers"].out_spec
    G = jnp.transpose(z, (batch, *spatial, channel))
    groups = eqn.params["feature_group_count"]
    return jnp.moveaxis(G.reshape(-1, groups, G.shape[-1] // groups), 1, 0)


def _patches(x: jax.Array, eqn: JaxprEqn) -> jax.Array:
    """What a convolution sees at each position, shape (groups, positions, window · channels of a group).

    Slices are stacked one axis at a time, which is faster than cutting out whole patches.
    """
    params = eqn.params
    batch, channel, *spatial = params["dimension_numbers"].lhs_spec
    window = [_shape(eqn.invars[1])[axis] for axis in params["dimension_numbers"].rhs_spec[2:]]
    result = [_shape(eqn.outvars[0])[axis] for axis in params["dimension_numbers"].out_spec[2:]]
    edges = zip(params["padding"], params["lhs_dilation"], strict=True)
    x = jnp.transpose(x, (batch, *spatial, channel))
    padding = [(0, 0, 0), *((low, high, dilation - 1) for (low, high), dilation in edges), (0, 0, 0)]
    x = jax.lax.pad(x, jnp.zeros((), x.dtype), padding)
    rank = len(window)
    for axis in reversed(range(rank)):
        size, count, stride = window[axis], result[axis], params["window_strides"][axis]
        starts = [params["rhs_dilation"][axis] * offset for offset in range(size)]
        slices = [
            jax.lax.slice_in_dim(x, start, start + (count - 1) * stride + 1, stride, axis + 1) for start in starts
        ]
        x = jnp.stack(slices, axis=rank + 1)
    groups = params["feature_group_count"]
    positions = x.shape[0] * math.prod(result)
    x = x.reshape(positions, math.prod(window), groups, -1)
    return jnp.moveaxis(x, 2, 0).reshape(groups, positions, -1)
