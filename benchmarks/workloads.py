"""What is computed: models with their weights and inputs, the same arrays for every contestant.

Each model is a flat dictionary of float32 weights and a function, written once with ``jax.numpy`` (for one input or
for a batch of them) and once with the layers of ``torch.nn.functional`` (for one input). The modules that compute are
imported where they are used, since no environment has them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["SAMPLE", "WORKLOADS", "Workload", "arrays", "floor", "jax_model", "torch_arrays", "torch_model"]

HEADS, BLOCKS = 4, 2  # of the transformers
HIDDEN = 3  # layers of the dense networks, and convolutions of the convolutional ones
SAMPLE = 16  # inputs, spread over all, whose kernel is compared with one in float64


class Workload(NamedTuple):
    """One kernel to compute: K of all pairs of inputs and of outputs, float32."""

    name: str
    kind: str  # "dense", "cnn" or "transformer"
    inputs: tuple[int, ...]  # shape of X, the number of inputs first
    width: int
    outputs: int
    aim: float  # how many times the best peer's time over ours is aimed at

    @property
    def title(self) -> str:
        """The row's name in a table."""
        what = {
            "dense": f"dense, {self.inputs[0]} inputs, width {self.width}",
            "cnn": f"CNN, {self.inputs[0]} images of {' × '.join(map(str, self.inputs[1:3]))}, {self.width} channels",
            "transformer": f"transformer, {self.inputs[0]} inputs of {self.inputs[1]} tokens, width {self.width}",
        }[self.kind]
        what = f"all {self.inputs[0]:,} digits, dense, width {self.width}" if self.name.startswith("digits") else what
        return f"{what}, {self.outputs} output{'s' * (self.outputs > 1)}"


WORKLOADS = [
    Workload("dense-64-256-1", "dense", (64, 64), 256, 1, 2),
    Workload("dense-128-512-1", "dense", (128, 64), 512, 1, 3),
    Workload("dense-256-1024-1", "dense", (256, 64), 1024, 1, 2.5),
    Workload("dense-512-2048-1", "dense", (512, 64), 2048, 1, 2.5),
    Workload("dense-64-256-10", "dense", (64, 64), 256, 10, 3),
    Workload("dense-256-1024-10", "dense", (256, 64), 1024, 10, 3),
    Workload("cnn-16-32-10", "cnn", (64, 16, 16, 3), 32, 10, 1.5),
    Workload("cnn-16-32-1", "cnn", (64, 16, 16, 3), 32, 1, 1.2),
    Workload("cnn-32-64-10", "cnn", (32, 32, 32, 3), 64, 10, 1.5),
    Workload("transformer-16-64-1", "transformer", (32, 16, 64), 64, 1, 1.5),
    Workload("transformer-16-64-10", "transformer", (32, 16, 64), 64, 10, 2),
    Workload("transformer-8-256-1", "transformer", (32, 8, 256), 256, 1, 1.5),
    Workload("digits-1", "dense", (1797, 64), 1024, 1, 1),
    Workload("digits-10", "dense", (1797, 64), 1024, 10, 1),
]


def arrays(workload: Workload) -> dict[str, np.ndarray]:
    """The weights by name, and the inputs as "X", from a fixed seed."""
    rng = np.random.default_rng(0)
    width, outputs = workload.width, workload.outputs
    if workload.kind == "dense":
        shapes = _layers([(workload.inputs[1], width), *[(width, width)] * (HIDDEN - 1), (width, outputs)])
    elif workload.kind == "cnn":
        shapes = _layers([(3, 3, 3, width), *[(3, 3, width, width)] * (HIDDEN - 1), (width, outputs)])
    else:
        shapes = {"W": (width, outputs), "b": (outputs,)}
        for n in range(BLOCKS):
            shapes |= {f"{name}{n}": (width, width) for name in ("query", "key", "value", "mix")}
            shapes |= {f"up{n}": (width, 4 * width), f"up_b{n}": (4 * width,)}
            shapes |= {f"down{n}": (4 * width, width), f"down_b{n}": (width,)}
            shapes |= {f"{name}{n}": (width,) for name in ("gain1_", "shift1_", "gain2_", "shift2_")}
    result = {}
    for name, shape in shapes.items():
        scale = 1 / math.sqrt(math.prod(shape[:-1])) if len(shape) > 1 else 0.1
        result[name] = (name.startswith("gain") + scale * rng.normal(size=shape)).astype(np.float32)
    if workload.name.startswith("digits"):
        from sklearn.datasets import load_digits

        return {**result, "X": (load_digits().data / 16).astype(np.float32)}
    return {**result, "X": rng.normal(size=workload.inputs).astype(np.float32)}


def _layers(weights: list[tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    shapes = {f"W{n}": shape for n, shape in enumerate(weights)}
    return shapes | {f"b{n}": shape[-1:] for n, shape in enumerate(weights)}


def floor(workload: Workload) -> float | None:
    """The multiplications and additions that no method does without, for dense networks; None for others.

    These are the matrix products of one evaluation and of one cotangent for each output (none for the last layer,
    whose cotangent is the identity, and none for the second-last, whose is the last weight), and half of
    A·Aᵀ and of G·Gᵀ for each layer.
    """
    if workload.kind != "dense":
        return None
    (m, d), width, o = workload.inputs, workload.width, workload.outputs
    forward = m * (d * width + (HIDDEN - 1) * width**2 + width * o)
    backward = m * o * (HIDDEN - 1) * width**2
    return 2.0 * (forward + backward) + m**2 * (d + HIDDEN * width) + (m * o) ** 2 * HIDDEN * width


def jax_model(workload: Workload) -> Callable[[dict[str, Any], Any], Any]:
    """``phi(w, x)`` for one input x, and for a batch of them in its place."""
    import jax
    import jax.numpy as jnp

    def dense(w: dict[str, Any], x: Any) -> Any:
        for n in range(HIDDEN):
            x = jax.nn.relu(x @ w[f"W{n}"] + w[f"b{n}"])
        return x @ w[f"W{HIDDEN}"] + w[f"b{HIDDEN}"]

    def convolution(x: Any, W: Any) -> Any:
        batch = x.reshape(-1, *x.shape[-3:])
        z = jax.lax.conv_general_dilated(batch, W, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return z.reshape(*x.shape[:-1], -1)

    def cnn(w: dict[str, Any], x: Any) -> Any:
        for n in range(HIDDEN):
            x = jax.nn.relu(convolution(x, w[f"W{n}"]) + w[f"b{n}"])
        return x.mean((-3, -2)) @ w[f"W{HIDDEN}"] + w[f"b{HIDDEN}"]

    def norm(x: Any, gain: Any, shift: Any) -> Any:
        x = x - x.mean(-1, keepdims=True)
        return x * jax.lax.rsqrt((x**2).mean(-1, keepdims=True) + 1e-5) * gain + shift

    def transformer(w: dict[str, Any], x: Any) -> Any:
        for n in range(BLOCKS):
            h = norm(x, w[f"gain1_{n}"], w[f"shift1_{n}"])
            q, k, v = ((h @ w[f"{name}{n}"]).reshape(*h.shape[:-1], HEADS, -1) for name in ("query", "key", "value"))
            attention = jax.nn.softmax(jnp.einsum("...thd,...shd->...hts", q, k) / math.sqrt(q.shape[-1]), axis=-1)
            x = x + jnp.einsum("...hts,...shd->...thd", attention, v).reshape(x.shape) @ w[f"mix{n}"]
            h = norm(x, w[f"gain2_{n}"], w[f"shift2_{n}"])
            x = x + jax.nn.gelu(h @ w[f"up{n}"] + w[f"up_b{n}"]) @ w[f"down{n}"] + w[f"down_b{n}"]
        return x.mean(-2) @ w["W"] + w["b"]

    return {"dense": dense, "cnn": cnn, "transformer": transformer}[workload.kind]


def torch_arrays(values: dict[str, np.ndarray]) -> tuple[dict[str, Any], Any]:
    """Weights and inputs in the layouts of torch's layers: outputs before inputs, channels before pixels."""
    import torch

    order = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}
    w = {name: torch.tensor(v.transpose(order[v.ndim]).copy()) for name, v in values.items() if name != "X"}
    X = values["X"]
    return w, torch.tensor(X.transpose(0, 3, 1, 2).copy() if X.ndim == 4 else X)


def torch_model(workload: Workload) -> Callable[[dict[str, Any], Any], Any]:
    """The same model for one input, with torch's own layers."""
    import torch.nn.functional as F

    def dense(w: dict[str, Any], x: Any) -> Any:
        for n in range(HIDDEN):
            x = F.relu(F.linear(x, w[f"W{n}"], w[f"b{n}"]))
        return F.linear(x, w[f"W{HIDDEN}"], w[f"b{HIDDEN}"])

    def cnn(w: dict[str, Any], x: Any) -> Any:
        for n in range(HIDDEN):
            x = F.relu(F.conv2d(x[None], w[f"W{n}"], w[f"b{n}"], padding=1)[0])
        return F.linear(x.mean((1, 2)), w[f"W{HIDDEN}"], w[f"b{HIDDEN}"])

    def transformer(w: dict[str, Any], x: Any) -> Any:
        tokens, width = x.shape
        for n in range(BLOCKS):
            h = F.layer_norm(x, (width,), w[f"gain1_{n}"], w[f"shift1_{n}"])
            q, k, v = (
                F.linear(h, w[f"{name}{n}"]).reshape(tokens, HEADS, -1).transpose(0, 1)
                for name in ("query", "key", "value")
            )
            attention = F.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[-1]), -1)
            x = x + F.linear((attention @ v).transpose(0, 1).reshape(tokens, width), w[f"mix{n}"])
            h = F.layer_norm(x, (width,), w[f"gain2_{n}"], w[f"shift2_{n}"])
            h = F.gelu(F.linear(h, w[f"up{n}"], w[f"up_b{n}"]), approximate="tanh")
            x = x + F.linear(h, w[f"down{n}"], w[f"down_b{n}"])
        return F.linear(x.mean(0), w["W"], w["b"])

    return {"dense": dense, "cnn": cnn, "transformer": transformer}[workload.kind]
