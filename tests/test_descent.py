"""gradient_descent against the recursion written out."""

import cases
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import assert_close

from ntklib import gradient_descent, loss


@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize(("name", "dtype"), [("nested tree, 2 outputs", "float64"), ("mlp, 3 outputs", "float32")])
def test_is_the_recursion_of_the_definition(name, dtype, steps):
    problem = cases.get_problem(name, dtype)
    f = loss(problem.phi, problem.X, problem.y)
    value_and_gradient = jax.jit(jax.value_and_grad(f))
    run = gradient_descent(f, problem.w0, 0.01, steps)

    w, values = problem.w0, []
    for _ in range(steps):
        value, gradient = value_and_gradient(w)
        values.append(value)
        w = jax.tree.map(lambda p, g: p - 0.01 * g, w, gradient)
    values.append(value_and_gradient(w)[0])

    assert jax.tree.map(jnp.shape, run.w) == jax.tree.map(jnp.shape, problem.w0)
    assert {leaf.dtype for leaf in jax.tree.leaves((run.w, run.loss))} == {jnp.dtype(dtype)}
    assert_close(cases.flat(run.w), cases.flat(w), problem.tol)
    assert_close(run.loss, jnp.stack(values), problem.tol)
    assert run.record is None


@pytest.mark.parametrize("step_size", [0.1, 0.5, 0.9, 1.2])  # the last one diverges
def test_of_a_parabola_in_closed_form(step_size):
    run = gradient_descent(lambda w: w**2, jnp.array(3.0), step_size, 6)
    iterates = 3 * (1 - 2 * step_size) ** np.arange(7)
    assert_close(run.loss, iterates**2, 1e-13)
    if step_size != 0.5:
        assert_close(run.w, iterates[-1], 1e-13)
    else:
        assert run.w == 0


def test_records_every_iterate_from_w0_on():
    run = gradient_descent(
        lambda w: w["a"] ** 2,
        {"a": jnp.array(1.0)},
        0.25,
        3,
        record=lambda w: {"w": w, "fixed": 2.0, "row": w["a"] * jnp.ones(2)},
    )
    iterates = np.array([1.0, 0.5, 0.25, 0.125])
    np.testing.assert_array_equal(run.record["w"]["a"], iterates)
    np.testing.assert_array_equal(run.record["row"], np.stack([iterates, iterates], 1))
    np.testing.assert_array_equal(run.record["fixed"], [2.0, 2.0, 2.0, 2.0])


def test_keeps_the_dtypes_of_a_mixed_tree():
    w0 = {"single": np.ones(2, "float32"), "double": np.array(2.0)}
    run = gradient_descent(lambda w: w["double"] ** 2 + jnp.sum(w["single"]).astype("float64") ** 2, w0, 0.25, 1)
    assert (run.w["single"].dtype, run.w["double"].dtype) == ("float32", "float64")
    np.testing.assert_array_equal(run.w["single"], [0.0, 0.0])
    assert run.w["double"] == 1.0


def test_under_grad_and_vmap():
    def end(start):
        return gradient_descent(lambda w: w**2, start, 0.25, 3).w

    np.testing.assert_array_equal(jax.vmap(end)(jnp.array([8.0, 16.0])), [1.0, 2.0])
    assert jax.grad(end)(jnp.array(8.0)) == 1 / 8


class Unhashable:
    __hash__ = None

    def __call__(self, w):
        return w


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"f": 3.0}, TypeError, r"^f: expected a function f\(w\), got float"),
        ({"f": Unhashable()}, TypeError, r"^f: expected a hashable function, got an unhashable Unhashable"),
        ({"f": lambda w: jnp.ones(1) * w}, ValueError, r"^f: expected one real scalar as output, .*\(1,\)"),
        ({"f": lambda w: (w, w)}, ValueError, r"^f: expected one real scalar as output"),
        ({"f": lambda w: jnp.array(1)}, ValueError, r"^f: expected one real scalar as output, .*int"),
        ({"record": 1}, TypeError, r"^record: expected a function record\(w\), got int"),
        ({"record": Unhashable()}, TypeError, r"^record: expected a hashable function"),
        ({"steps": -1}, ValueError, r"^steps: expected a whole number of at least 0, got -1"),
        ({"steps": 1.0}, TypeError, r"^steps: expected a whole number, got 1.0"),
        ({"steps": True}, TypeError, r"^steps: expected a whole number, got True"),
        ({"step_size": 0}, ValueError, r"^step_size: expected a finite number above 0, got 0"),
        ({"step_size": -0.1}, ValueError, r"^step_size: expected a finite number above 0, got -0.1"),
        ({"step_size": float("nan")}, ValueError, r"^step_size: expected a finite number above 0, got nan"),
        ({"step_size": float("inf")}, ValueError, r"^step_size: expected a finite number above 0, got inf"),
        ({"step_size": "0.1"}, TypeError, r"^step_size: expected a number, got '0.1'"),
        ({"step_size": None}, TypeError, r"^step_size: expected a number, got None"),
    ],
)
def test_bad_input(change, error, message):
    arguments = {"f": lambda w: w**2, "w0": jnp.array(1.0), "step_size": 0.1, "steps": 2} | change
    with pytest.raises(error, match=message):
        gradient_descent(**arguments)
