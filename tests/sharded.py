"""Run by test_sharding in processes of their own: rows of the kernel over all devices, equal to those of one device.

Arguments: the number of this process, of all processes, and the port of the first.
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ntklib import empirical_kernel, mlp


def main(process, processes, port):
    jax.config.update("jax_enable_x64", True)
    if processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(f"127.0.0.1:{port}", processes, process)
    assert jax.device_count() == 8
    assert jax.local_device_count() == 8 // processes

    init, phi = mlp([3, 16, 16, 2], activation=jnp.tanh, parametrization="ntk")
    w0 = jax.tree.map(np.asarray, init(jax.random.key(0)))
    X, X2 = (np.random.default_rng(seed).normal(size=(m, 3)) for seed, m in ((0, 16), (1, 5)))

    explicit = jax.make_mesh((8,), ("rows",))
    square = Mesh(np.array(jax.devices()).reshape(4, 2), ("a", "b"))
    rows = NamedSharding(explicit, PartitionSpec("rows"))
    both = NamedSharding(square, PartitionSpec(("a", "b")))
    quarters = NamedSharding(square, PartitionSpec("a"))
    for sharding, parts, method, outputs, second in (
        (rows, 8, "structured", "full", None),
        (rows, 8, "structured", "trace", X2),
        (rows, 8, "structured", "diagonal", X2),
        (rows, 8, "jacobian", "full", X2),
        (rows, 8, "jacobian", "trace", None),
        (rows, 8, "vector-product", "full", None),
        (rows, 8, "vector-product", "diagonal", X2),
        (both, 8, "structured", "full", X2),
        (quarters, 4, "structured", "full", None),
    ):
        K = empirical_kernel(phi, w0, X, second, outputs=outputs, method=method, sharding=sharding)
        expected = np.asarray(empirical_kernel(phi, w0, X, second, outputs=outputs, method=method))
        assert K.shape == expected.shape
        for shard in K.addressable_shards:
            assert shard.data.shape == (16 // parts, *expected.shape[1:])
            error = np.abs(np.asarray(shard.data) - expected[shard.index]).max()
            assert error <= 1e-12 * np.abs(expected).max(), (sharding, method, outputs, error)

    for spec, m, message in (
        (PartitionSpec("rows"), 12, r"^X1: expected a multiple of 8 inputs, the parts of sharding, got 12"),
        (PartitionSpec(None, "rows"), 16, r"^sharding: expected a PartitionSpec of the first axis alone"),
    ):
        with pytest.raises(ValueError, match=message):
            empirical_kernel(phi, w0, X[:m], sharding=NamedSharding(explicit, spec))
    with pytest.raises(ValueError, match=r"^sharding: expected neither block_size nor out beside it"):
        empirical_kernel(phi, w0, X, sharding=rows, block_size=2)
    print("rows of every kernel agree")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
