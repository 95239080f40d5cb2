"""A kernel between two batches, computed and written block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ntklib import _checks

__all__ = ["check_destination", "fill"]

# the block between these rows and columns; with None for the columns the block of the rows with themselves
Block = Callable[[slice, slice | None], Any]


def check_destination(block_size: int | None, out: Any, resume: bool, progress: bool, result: Any) -> None:
    """Refuse options of ``fill`` that do not go together, and an ``out`` that cannot hold the result."""
    _checks.block_size(block_size)
    if out is None:
        if resume:
            raise ValueError("resume: expected out as well, the array that an earlier call wrote into")
    else:
        for array, like in zip(_arrays(out, result), jax.tree.leaves(result), strict=True):
            if not isinstance(array, np.ndarray):
                raise TypeError(f"out: expected a NumPy array, got {type(array).__name__}")
            if array.shape != like.shape or array.dtype != like.dtype:
                raise ValueError(
                    f"out: expected {like.dtype}{like.shape}, the result's, got {array.dtype}{array.shape}"
                )
    if progress and block_size is None:
        raise ValueError("progress: expected a block_size as well, got None")


def _arrays(out: Any, result: Any) -> list[Any]:
    got: Any = jax.tree.structure(out)
    expected: Any = jax.tree.structure(result)
    if got != expected:
        raise TypeError(f"out: expected {expected} of arrays, got {got}")
    return jax.tree.leaves(out)


def fill(
    block: Block,
    result: Any,
    block_size: int,
    symmetric: bool,
    out: Any = None,
    resume: bool = False,
    progress: bool = False,
) -> Any:
    """The arrays of these shapes, whose first two axes are the inputs, from their blocks; of symmetric ones only half.

    ``result`` is an array's ``jax.ShapeDtypeStruct`` or a pytree of them, and what is returned is of its structure.
    With ``out`` each block is written as soon as it is there. What is still to be computed is NaN, by which a later
    call with ``resume`` knows it.
    """
    m1, m2 = jax.tree.leaves(result)[0].shape[:2]
    tiles = [
        (rows, columns)
        for rows in _parts(m1, block_size)
        for columns in _parts(m2, block_size)
        if not symmetric or columns.start <= rows.start
    ]
    K = jax.tree.map(lambda like: jnp.empty(like.shape, like.dtype), result) if out is None else out
    written = jax.tree.leaves(out)
    if not resume:
        for array in written:
            array.fill(np.nan)
    for rows, columns in _bar(tiles) if progress else tiles:
        mirrored = symmetric and rows != columns
        places = [(rows, columns), (columns, rows)] if mirrored else [(rows, columns)]
        if resume and not any(np.isnan(array[place]).any() for array in written for place in places):
            continue
        tile = block(rows, None if symmetric and rows == columns else columns)
        for place, values in zip(places, [tile, jax.tree.map(_transpose, tile)], strict=False):
            if out is None:
                K = _write(K, values, place[0].start, place[1].start)
            for array, value in zip(written, jax.tree.leaves(values), strict=False):
                array[place] = value
        for array in written:
            if isinstance(array, np.memmap):
                array.flush()
        if not isinstance(jax.tree.leaves(K)[0], jax.core.Tracer):
            jax.block_until_ready(K)  # else the blocks would be computed at the same time, each with its memory
    return K


def _parts(length: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def _transpose(tile: jax.Array) -> jax.Array:
    """Both inputs exchanged, and with them both outputs where there are two."""
    return jnp.transpose(tile, (1, 0, 3, 2)) if tile.ndim == 4 else jnp.swapaxes(tile, 0, 1)


@partial(jax.jit, donate_argnums=0)
def _write(K: Any, tile: Any, row: int, column: int) -> Any:
    def write(K: jax.Array, tile: jax.Array) -> jax.Array:
        return jax.lax.dynamic_update_slice(K, tile, (row, column, *[0] * (K.ndim - 2)))

    return jax.tree.map(write, K, tile)


def _bar(tiles: list[tuple[slice, slice]]) -> Iterable[tuple[slice, slice]]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("progress: needs tqdm; pip install tqdm, or leave progress out") from None
    return tqdm(tiles, unit="block")
