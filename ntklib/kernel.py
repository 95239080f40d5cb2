"""The empirical tangent kernel: which method computes it, in which blocks, on which devices."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

import jax
import numpy as np

from ntklib import _checks, methods
from ntklib.blocks import check_destination, fill
from ntklib.contraction import Outputs, stays_factored
from ntklib.structure import Factors, factorize

__all__ = ["empirical_kernel", "kernel_bytes"]

Method = Literal["auto", "structured", "jacobian", "vector-product"]

_METHODS: dict[str, Callable[..., jax.Array]] = {
    "auto": methods.structured,
    "structured": methods.structured,
    "jacobian": methods.jacobian,
    "vector-product": methods.vector_product,
}


def empirical_kernel(
    phi: _checks.Model,
    w0: Any,
    X1: Any,
    X2: Any = None,
    *,
    outputs: Outputs = "full",
    method: Method = "auto",
    block_size: int | None = None,
    sharding: jax.sharding.NamedSharding | None = None,
    out: np.ndarray | None = None,
    resume: bool = False,
    progress: bool = False,
) -> Any:
    r"""The empirical tangent kernel of a model at w0.

    ``eq-kernel``: K_n(x, x') = ⟨∇_wΦ(x, w0), ∇_wΦ(x', w0)⟩, and for o outputs the matrix
    K_ab(x, x') = ⟨∇_wΦ_a(x, w0), ∇_wΦ_b(x', w0)⟩. No factor: neither 1/n nor 1/o.

    The methods give the same numbers. With P the cost of one evaluation of the model,

    - ``"jacobian"`` forms the Jacobian of one leaf of ``w0`` at a time: time (m1 + m2)·o·P a leaf and m1·m2·o²·n in
      all, memory (m1 + m2)·o·(numbers in the largest leaf);
    - ``"structured"`` reads in the jaxpr where a leaf is the weight of matrix products or convolutions, and nothing
      else, and takes that leaf's Jacobian as a product A·G of what enters and of the derivative with respect to
      what leaves. For a dense layer of width N this costs m1·m2·(1 + o²)·N instead of
      m1·m2·o²·N². All other leaves fall back to their Jacobian, held together with the activations of all inputs;
    - ``"vector-product"`` computes a column of the kernel at a time, by one vector-Jacobian and m1
      Jacobian-vector products: time m1·m2·o·P, memory o·n;
    - ``"auto"`` is ``"structured"``.

    All products of float32 run at full precision, also on accelerators that would use TF32 or bfloat16.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        X1: Inputs, shape (m1, …).
        X2: Inputs, shape (m2, …); X1 when left out, and then the kernel is symmetric to the last bit and only half of
            it is computed.
        outputs: ``"full"`` for all pairs of outputs, ``"trace"`` for Σ_a K_aa (the sum, not the mean),
            ``"diagonal"`` for K_aa alone. What is not returned is not computed.
        method: ``"auto"``, ``"structured"``, ``"jacobian"`` or ``"vector-product"``.
        block_size: The kernel is computed in blocks of at most this many rows and columns, so that besides the
            result the memory grows with the block alone. X1 and X2 may then be NumPy arrays (a memmap, say).
        sharding: How the rows of X1 and of the kernel are spread over devices, for example
            ``NamedSharding(mesh, PartitionSpec("rows"))``; m1 must be a multiple of the number of parts. X2 and w0
            go to every device. Not together with ``block_size`` or ``out``.
        out: A NumPy array of the result's shape and dtype (a memmap, say) that the blocks are written into and that is
            returned, for kernels larger than the device's memory. It is filled with NaN first.
        resume: Keep the blocks of ``out`` that hold no NaN: go on where an earlier call was interrupted.
        progress: Show a progress bar over the blocks (needs tqdm).

    Returns:
        Shape (m1, m2, o, o), (m1, m2) or (m1, m2, o) for ``"full"``, ``"trace"``, ``"diagonal"``; (m1, m2) in
        all three for a scalar model. The dtype is that of the model's output.

    Raises:
        TypeError: ``w0`` is not made of float arrays, or X1, X2, ``out`` or ``sharding`` is not of its type.
        ValueError: An input batch is empty, X1 and X2 hold inputs of different shapes or dtypes, ``w0`` is not finite,
            an option is unknown or does not go with another, or ``out`` has another shape.
        MemoryError: The estimate of :func:`kernel_bytes` is above the memory of the device.

    Example:
        >>> import jax.numpy as jnp
        >>> empirical_kernel(lambda w, x: w @ x, jnp.ones(2), jnp.array([[3.0, 4.0], [0.0, 1.0]])).tolist()
        [[25.0, 4.0], [4.0, 1.0]]

    References:
        Jacot, Gabriel & Hongler (2018); Novak, Sohl-Dickstein & Schoenholz (2022) for the methods.
    """
    value, result = _check(phi, w0, X1, X2, outputs, method)
    check_destination(block_size, out, resume, progress, result)
    if sharding is not None:
        if block_size is not None or out is not None:
            raise ValueError("sharding: expected neither block_size nor out beside it")
        return _sharded(phi, w0, X1, X2, outputs, method, sharding)
    if isinstance(out, np.ndarray) and any(isinstance(v, jax.core.Tracer) for v in jax.tree.leaves((w0, X1, X2))):
        raise TypeError("out: a NumPy array cannot be written under jit, vmap or grad")
    held = 0 if out is not None else result.size * result.dtype.itemsize
    gradients = (
        (len(X1) + (0 if X2 is None else len(X2)))
        * value.size
        * sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(w0))
    )
    block_bytes = partial(_block_bytes, value, phi, w0, X1, X2, outputs, method, block_size)
    _refuse_impossible(held, gradients, block_bytes)
    compute = _METHODS[method]
    if block_size is None and out is None:
        return compute(phi, w0, X1, X2, outputs)

    def block(rows: slice, columns: slice | None) -> jax.Array:
        second = X1 if X2 is None else X2
        return compute(phi, w0, X1[rows], None if columns is None else second[columns], outputs)

    return fill(block, result, block_size or max(result.shape[:2]), X2 is None, out, resume, progress)


def kernel_bytes(
    phi: _checks.Model,
    w0: Any,
    X1: Any,
    X2: Any = None,
    *,
    outputs: Outputs = "full",
    method: Method = "auto",
    block_size: int | None = None,
) -> int:
    """About how many bytes :func:`empirical_kernel` holds at once, its result among them, from the shapes alone.

    Counted are the result, one block of it with its transpose or partial sums, and what the method keeps for the
    inputs of one block: the factors of all leaves and the Jacobian of the largest leaf that is not left in factors
    ("structured"), the Jacobian of the largest leaf ("jacobian"), or one gradient for each output ("vector-product").
    What the model itself needs for a batch of inputs comes on top.

    Args:
        phi: The model, ``phi(w, x)``, for one input.
        w0: The initialization, a pytree of float arrays.
        X1: Inputs, shape (m1, …), or their ``jax.ShapeDtypeStruct``.
        X2: Inputs, shape (m2, …); X1 when left out.
        outputs: ``"full"``, ``"trace"`` or ``"diagonal"``.
        method: ``"auto"``, ``"structured"``, ``"jacobian"`` or ``"vector-product"``.
        block_size: Rows and columns of a block; the whole kernel is one block when left out.

    Returns:
        A number of bytes.

    Raises:
        TypeError: As :func:`empirical_kernel`.
        ValueError: As :func:`empirical_kernel`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> X = jax.ShapeDtypeStruct((100_000, 2), "float32")
        >>> kernel_bytes(lambda w, x: w @ x, jnp.ones(2, "float32"), X, block_size=1000) > 4 * 100_000**2
        True
    """
    value, result = _check(phi, w0, X1, X2, outputs, method)
    check_destination(block_size, None, False, False, result)
    return result.size * result.dtype.itemsize + _block_bytes(value, phi, w0, X1, X2, outputs, method, block_size)


def _check(
    phi: _checks.Model, w0: Any, X1: Any, X2: Any, outputs: Outputs, method: Method
) -> tuple[jax.ShapeDtypeStruct, jax.ShapeDtypeStruct]:
    """Refuse what does not fit; return the shape and dtype of the model's output and of the kernel."""
    if outputs not in get_args(Outputs):
        raise ValueError(f"outputs: expected one of {get_args(Outputs)}, got {outputs!r}")
    if method not in get_args(Method):
        raise ValueError(f"method: expected one of {get_args(Method)}, got {method!r}")
    value = _checks.problem(phi, w0, X1, name="X1")
    if X2 is not None:
        _checks.same_inputs(X1, X2)
    m1, m2 = X1.shape[0], (X1 if X2 is None else X2).shape[0]
    shape = (m1, m2, *value.shape * {"full": 2, "trace": 0, "diagonal": 1}[outputs])
    return value, jax.ShapeDtypeStruct(shape, value.dtype)


# Devices and their memory


def _sharded(
    phi: _checks.Model,
    w0: Any,
    X1: Any,
    X2: Any,
    outputs: Outputs,
    method: Method,
    sharding: jax.sharding.NamedSharding,
) -> jax.Array:
    """The rows of X1, and with them of the kernel, spread as the sharding says; all else on every device."""
    if not isinstance(sharding, jax.sharding.NamedSharding):
        raise TypeError(f"sharding: expected a jax.sharding.NamedSharding, got {type(sharding).__name__}")
    names, *others = (*sharding.spec, None)
    if any(name is not None for name in others):
        raise ValueError(f"sharding: expected a PartitionSpec of the first axis alone, got {sharding.spec}")
    parts = math.prod(sharding.mesh.shape[name] for name in _names(names))
    if X1.shape[0] % parts:
        raise ValueError(f"X1: expected a multiple of {parts} inputs, the parts of sharding, got {X1.shape[0]}")
    # automatic axes: XLA, not the model, follows how the arrays are laid out
    mesh = jax.sharding.Mesh(sharding.mesh.devices, sharding.mesh.axis_names)
    rows, everywhere = (jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(name)) for name in (names, None))
    X2, w0 = _place((X1 if X2 is None else X2, w0), everywhere)
    return _on_each_device(phi, w0, _place(X1, rows), X2, outputs, method, rows)


@partial(jax.jit, static_argnames=("phi", "outputs", "method", "rows"))
def _on_each_device(
    phi: _checks.Model,
    w0: Any,
    X1: jax.Array,
    X2: jax.Array,
    outputs: Outputs,
    method: Method,
    rows: jax.sharding.NamedSharding,
) -> Any:
    """The kernel of each device's inputs with X2: nothing is sent between the devices."""

    def block(w0: Any, X1: jax.Array, X2: jax.Array) -> jax.Array:
        return _METHODS[method](phi, w0, X1, X2, outputs)

    everywhere = jax.sharding.PartitionSpec()
    return jax.shard_map(
        block,
        mesh=rows.mesh,
        in_specs=(everywhere, rows.spec, everywhere),
        out_specs=rows.spec,
        check_vma=False,  # the methods make arrays of zeros, which stand on every device
    )(w0, X1, X2)


def _names(names: Any) -> tuple[Any, ...]:
    return () if names is None else names if isinstance(names, tuple) else (names,)


def _place(values: Any, sharding: jax.sharding.NamedSharding) -> Any:
    """Through jit, which also moves what other processes hold."""
    return jax.jit(_identity, out_shardings=sharding)(values)


def _identity(values: Any) -> Any:
    return values


def _block_bytes(
    value: jax.ShapeDtypeStruct,
    phi: _checks.Model,
    w0: Any,
    X1: Any,
    X2: Any,
    outputs: Outputs,
    method: Method,
    block_size: int | None,
) -> int:
    """What the computation of one block holds."""
    o = value.size
    b1, b2 = (min(len(X), block_size or len(X)) for X in (X1, X1 if X2 is None else X2))
    inputs = b1 if X2 is None and b1 == len(X1) else b1 + b2
    entries = b1 * b2 * {"full": o * o, "trace": 1, "diagonal": o}[outputs]
    held = 2 * entries * value.dtype.itemsize
    jacobians = [o * leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(w0)]
    if method == "vector-product":
        return held + sum(jacobians)
    if method == "jacobian":
        return held + inputs * max(jacobians)
    x = jax.ShapeDtypeStruct(X1.shape[1:], jax.dtypes.canonicalize_dtype(X1.dtype))
    parts = factorize.eval_shape(phi, w0, x)
    kept = inputs * sum(array.size * array.dtype.itemsize for array in jax.tree.leaves(parts))
    largest = 0
    for part in parts:
        if isinstance(part, Factors):
            A, G = jax.eval_shape(Factors.matrices, part)
            (g, p, i), q = A.shape, G.shape[-1]
            if stays_factored(A, G, b1, b2, outputs):
                numbers = inputs * (A.size + G.size) + g * p**2 * (b1 * b2 + entries)
            else:
                numbers = inputs * o * g * i * q
            largest = max(largest, numbers * G.dtype.itemsize)
    return held + kept + largest


def _refuse_impossible(result: int, gradients: int, block_bytes: Callable[[], int]) -> None:
    """Refuse what is larger than the memory of the device that JAX computes on."""
    limit = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")  # a CPU has none of its own
    available = limit if limit is not None else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if 3 * result + gradients <= available:
        return  # there is room even for all Jacobians; the estimate proper reads the model anew
    needed = result + block_bytes()
    if needed > available:
        raise MemoryError(
            f"the kernel needs about {needed:,} bytes at once, the device has {available:,}; "
            "pass a smaller block_size, or out for a result that does not fit"
        )
