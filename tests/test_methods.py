"""The structured kernel of every model of the zoo against J Jᵀ, and which leaves it leaves in factors."""

from functools import partial

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import zoo

from ntklib import empirical_kernel, methods
from ntklib.structure import Factors, factorize, weight_products


def jacobian(animal: zoo.Animal, X: jax.Array) -> np.ndarray:
    """Shape (m, o, n), in the model's own arithmetic."""
    if not animal.reverse:
        J = cases.jacobian(animal.phi, animal.w0, X)
        return J if J.ndim == 3 else J[:, None]

    def outputs(w, x):
        return jnp.atleast_1d(animal.phi(w, x))

    leaves = jax.tree.leaves(jax.vmap(jax.jacrev(outputs), (None, 0))(animal.w0, X))
    return np.concatenate([np.asarray(J, "float64").reshape(*J.shape[:2], -1) for J in leaves], axis=2)


def assert_kernel(K: jax.Array, J1: np.ndarray, J2: np.ndarray, tol: float | None) -> None:
    """Relative to the largest entry; a kernel that is zero must be zero."""
    expected = np.einsum("ian,jbn->ijab", J1, J2)
    error = np.abs(np.asarray(K, "float64").reshape(expected.shape) - expected).max()
    assert error <= (tol or 1e-12) * np.abs(expected).max()


@pytest.mark.parametrize("name", zoo.ZOO)
def test_structured_equals_the_jacobian_times_its_transpose(name):
    animal = zoo.get(name)
    J1, J2 = (jacobian(animal, X) for X in (animal.X, animal.X2))
    assert_kernel(empirical_kernel(animal.phi, animal.w0, animal.X, animal.X2, method="structured"), J1, J2, animal.tol)


@pytest.mark.parametrize("outputs", ["trace", "diagonal"])
@pytest.mark.parametrize("name", list(zoo.ZOO)[::4])
def test_trace_and_diagonal_of_the_structured_kernel(name, outputs):
    animal = zoo.get(name)
    K = np.asarray(empirical_kernel(animal.phi, animal.w0, animal.X, outputs=outputs, method="structured"), "float64")
    J = jacobian(animal, animal.X)
    expected = np.einsum("ian,jan->ija", J, J)
    expected = expected.sum(-1) if outputs == "trace" else expected
    error = np.abs(K.reshape(expected.shape) - expected).max()
    assert error <= (animal.tol or 1e-12) * np.abs(expected).max()
    np.testing.assert_array_equal(K, K.swapaxes(0, 1))


@pytest.mark.parametrize("method", ["jacobian", "vector-product"])
@pytest.mark.parametrize("name", [name for name in zoo.ZOO if name.startswith(("convolution: g", "attention", "flax"))])
def test_the_other_methods(name, method):
    animal = zoo.get(name)
    J1, J2 = (jacobian(animal, X) for X in (animal.X, animal.X2))
    assert_kernel(empirical_kernel(animal.phi, animal.w0, animal.X, animal.X2, method=method), J1, J2, animal.tol)


# leaves that fall back to their Jacobian would be right as well, only slow
FOUND = {
    "dense: W @ a, then a @ W": {"first", "second"},
    "dense: a vector for weight, one output ()": {"a", "c"},
    "tokens: a dense layer under vmap inside phi": {"W", "V"},
    "einsum: either order, a weight for each head": {"a", "b", "c", "d"},
    "scaled: by constants, before and after the product": {
        *("after", "axis", "before", "cancelled", "computed", "negated", "numpy", "twice")
    },
    "rearranged: transposed, reshaped, squeezed, moved": {*("T", "cube", "flat", "one", "split", "to 3d", "to vector")},
    "cast to bfloat16 and back": {"W", "V"},
    "twice: the same layout at other scales, casts and numbers of positions": {"W", "V"},
    "twice: tied embedding, W and W.T": set(),
    "a product and elsewhere: a penalty, a norm, an entry": set(),
    "not scaled: functions of a weight that are not linear": set(),
    "scan: a recurrent network": {"V"},
    "checkpoint: a block, twice, with a policy, nested": {"U", "V", "W"},
    "custom_jvp: activations of jax.nn": {"S", "U", "V", "W"},
    "convolution: dilated, transposed, and both": {"a", "b", "c", "d"},
    "convolution: grouped and depthwise": {"a", "b", "c"},
    "convolution: channels first, and other layouts": {"a", "b", "c"},
    "attention: a pre-norm block, one leaf for q, k and v": {"down", "out", "qkv", "read", "up"},
    "mixture of experts: soft gates by einsum": {"gate", "in", "out"},
}


@pytest.mark.parametrize("name", FOUND)
def test_weights_of_products_stay_in_factors(name):
    animal = zoo.get(name)
    found = weight_products(animal.phi, animal.w0, animal.X[0])
    names = [path[0].key for path, _ in jax.tree_util.tree_leaves_with_path(animal.w0)]
    assert {names[leaf] for leaf in found} == FOUND[name]


@pytest.mark.parametrize("m", [4, 5])  # two whole parts, or one input left over
def test_jacobians_formed_in_parts(m, monkeypatch):
    monkeypatch.setattr(methods, "_CACHED", 1)
    monkeypatch.setattr(methods, "stays_factored", lambda *_: False)
    animal = zoo.get("convolution: 2-D, strides and SAME padding")
    X = jnp.concatenate([animal.X, animal.X2, animal.X])[:m]
    J = jacobian(animal, X)
    model = partial(animal.phi)  # jit has not seen it, nor what is set here with it
    assert_kernel(empirical_kernel(model, animal.w0, X, method="structured"), J, J, animal.tol)


@pytest.mark.parametrize(("dtype", "joined"), [("float64", True), ("float32", False)])
def test_a_bias_joins_its_weight(dtype, joined):
    def phi(w, x):
        return jnp.tanh(x @ w["W"] + w["b"].astype("float64")) @ w["c"]

    w0 = {"W": jnp.ones((2, 3)), "b": jnp.ones(3, dtype), "c": jnp.ones((3, 2))}
    parts = factorize(phi, w0, jnp.ones(2))
    inputs = [part.matrices()[0].shape[-1] for part in parts if isinstance(part, Factors)]
    assert (sorted(inputs), len(parts)) == (([3, 3], 2) if joined else ([2, 3], 3))
