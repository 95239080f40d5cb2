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
Block = Callable[[slice, slice | None], jax.Array]


def check_destination(
    block_size: int | None, out: np.ndarray | None, resume: bool, progress: bool, shape: tuple[int, ...], dtype: Any
) -> None:
    """Refuse options of ``fill`` that do not go together, and an ``out`` that cannot hold the result."""
    _checks.block_size(block_size)
    if out is None:
        if resume:
            raise ValueError("resume: expected out as well, the array that an earlier call wrote into")
    elif not isinstance(out, np.ndarray):
        raise TypeError(f"out: expected a NumPy array, got {type(out).__name__}")
    elif out.shape != shape or out.dtype != dtype:
        raise ValueError(f"out: expected {dtype}{shape}, the result's, got {out.dtype}{out.shape}")
    if progress and block_size is None:
        raise ValueError("progress: expected a block_size as well, got None")


def fill(
    block: Block,
    shape: tuple[int, ...],
    dtype: Any,
    block_size: int,
    symmetric: bool,
    out: np.ndarray | None = None,
    resume: bool = False,
    progress: bool = False,
) -> Any:
    """The array of this shape, whose first two axes are the inputs, from its blocks; of a symmetric one only half.

    With ``out`` each block is written as soon as it is there. What is still to be computed is NaN, by which a later
    call with ``resume`` knows it.
    """
    tiles = [
        (rows, columns)
        for rows in _parts(shape[0], block_size)
        for columns in _parts(shape[1], block_size)
        if not symmetric or columns.start <= rows.start
    ]
    K = jnp.empty(shape, dtype) if out is None else out
    if out is not None and not resume:
        out.fill(np.nan)
    for rows, columns in _bar(tiles) if progress else tiles:
        mirrored = symmetric and rows != columns
        places = [(rows, columns), (columns, rows)] if mirrored else [(rows, columns)]
        if resume and not any(np.isnan(K[place]).any() for place in places):
            continue
        tile = block(rows, None if symmetric and rows == columns else columns)
        for place, value in zip(places, [tile, _transpose(tile)], strict=False):
            if out is None:
                K = _write(K, value, place[0].start, place[1].start)
            else:
                out[place] = value
        if isinstance(out, np.memmap):
            out.flush()
        if not isinstance(K, jax.core.Tracer):
            jax.block_until_ready(K)  # else the blocks would be computed at the same time, each with its memory
    return K


def _parts(length: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def _transpose(tile: jax.Array) -> jax.Array:
    """Both inputs exchanged, and with them both outputs where there are two."""
    return jnp.transpose(tile, (1, 0, 3, 2)) if tile.ndim == 4 else jnp.swapaxes(tile, 0, 1)


@partial(jax.jit, donate_argnums=0)
def _write(K: jax.Array, tile: jax.Array, row: int, column: int) -> jax.Array:
    return jax.lax.dynamic_update_slice(K, tile, (row, column, *[0] * (K.ndim - 2)))


def _bar(tiles: list[tuple[slice, slice]]) -> Iterable[tuple[slice, slice]]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("progress: needs tqdm; pip install tqdm, or leave progress out") from None
    return tqdm(tiles, unit="block")
