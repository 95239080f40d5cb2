"""The fully connected networks of the course."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp

from ntklib import _checks

__all__ = ["mlp"]

_ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "erf": jax.lax.erf,
    "identity": lambda z: z,
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
}


def mlp(
    widths: Sequence[int],
    *,
    activation: str | Callable[[jax.Array], jax.Array],
    parametrization: Literal["lecun", "ntk"],
    weight_std: float = 1.0,
    bias_std: float = 0.0,
) -> tuple[Callable[[jax.Array], list[dict[str, jax.Array]]], _checks.Model]:
    r"""A fully connected network: its initialization and its model.

    ``eq-mlp``: a_0 = x, z_{l+1} = s_l W_l a_l + β b_l, a_l = σ(z_l), and no activation after the last layer.
    With n_l the width of layer l,

    - ``"lecun"``: s_l = 1, β = 1, entries of W_l ~ N(0, weight_std²/n_l) and of b_l ~ N(0, bias_std²), so that
      the biases start at 0 by default and are trained;
    - ``"ntk"``: s_l = weight_std/√n_l, β = bias_std, all entries ~ N(0, 1). With ``bias_std=0`` a bias would do
      nothing, and there is none.

    At initialization both are the same random function; they differ in the gradients, hence in the kernel.

    Args:
        widths: (d, n_1, …, n_L, o): of the input, the hidden layers and the output. An o of 1 makes a scalar
            model, with output shape (), not (1,).
        activation: ``"relu"``, ``"tanh"``, ``"erf"``, ``"identity"`` or any function of an array, entry by entry.
        parametrization: ``"lecun"`` or ``"ntk"``.
        weight_std: The standard deviation of the weights, before the scaling by the width.
        bias_std: The standard deviation of the biases.

    Returns:
        ``init(key) -> w0``, a list with one ``{"W": (n_{l+1}, n_l), "b": (n_{l+1},)}`` a layer, in JAX's default
        float dtype; and ``phi(w, x)`` for one input x of shape (d,), with output shape () or (o,).

    Raises:
        TypeError: A width is not a whole number, ``weight_std`` or ``bias_std`` not a number, or ``activation``
            neither a name nor a function.
        ValueError: There are fewer than two widths or one is 0, a name is unknown, ``weight_std`` is not above
            0 or ``bias_std`` negative; and, from ``phi``, x is not of shape (d,) or w has another
            number of layers.

    Example:
        >>> import jax
        >>> init, phi = mlp((2, 8, 3), activation="relu", parametrization="lecun")
        >>> phi(init(jax.random.key(0)), jax.numpy.ones(2)).shape
        (3,)

    References:
        Petersen & Zech (2024), LeCun initialization; Jacot, Gabriel & Hongler (2018), NTK parametrization.
    """
    if not isinstance(widths, Sequence):
        raise TypeError(f"widths: expected a sequence of whole numbers, got {widths!r}")
    widths = tuple(_checks.count("widths", width) for width in widths)
    if len(widths) < 2 or 0 in widths:
        raise ValueError(f"widths: expected at least an input and an output width, all above 0, got {widths}")
    if parametrization not in ("lecun", "ntk"):
        raise ValueError(f"parametrization: expected 'lecun' or 'ntk', got {parametrization!r}")
    weight_std = _checks.positive("weight_std", weight_std)
    bias_std = _checks.not_negative("bias_std", bias_std)
    sigma = _activation(activation)
    ntk = parametrization == "ntk"

    def init(key: jax.Array) -> list[dict[str, jax.Array]]:
        layers = []
        for fan_in, fan_out in itertools.pairwise(widths):
            key, key_W, key_b = jax.random.split(key, 3)
            W = jax.random.normal(key_W, (fan_out, fan_in))
            b = jax.random.normal(key_b, (fan_out,))
            if ntk:
                layers.append({"W": W, "b": b} if bias_std else {"W": W})
            else:
                layers.append({"W": weight_std / math.sqrt(fan_in) * W, "b": bias_std * b})
        return layers

    def phi(w: Any, x: jax.Array) -> jax.Array:
        if jnp.shape(x) != widths[:1]:
            raise ValueError(f"x: expected one input of shape {widths[:1]}, got {jnp.shape(x)}")
        if len(w) != len(widths) - 1:
            raise ValueError(f"w: expected {len(widths) - 1} layers, got {len(w)}")
        a = x
        for layer, (parameters, fan_in) in enumerate(zip(w, widths[:-1], strict=True)):
            z = (weight_std / math.sqrt(fan_in) if ntk else 1.0) * (parameters["W"] @ a)
            if "b" in parameters:
                z = z + (bias_std if ntk else 1.0) * parameters["b"]
            a = sigma(z) if layer < len(widths) - 2 else z
        return a[0] if widths[-1] == 1 else a

    return init, phi


def _activation(activation: Any) -> Callable[[jax.Array], jax.Array]:
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise TypeError(f"activation: expected a name or a function, got {type(activation).__name__}")
    if activation not in _ACTIVATIONS:
        raise ValueError(f"activation: expected one of {sorted(_ACTIVATIONS)} or a function, got {activation!r}")
    return _ACTIVATIONS[activation]
