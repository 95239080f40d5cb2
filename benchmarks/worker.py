"""One contestant on one workload, in a process of its own that ``run.py`` starts and asks, one JSON line at a time.

It says what its import took, then computes the kernel N times for each "run N" it reads (the first time compiles), and
at "finish" leaves a sample of the kernel in a file and says its peak memory.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # ntklib's source, also in the other environments

import numpy as np
import workloads
from workloads import Workload

Prepare = Callable[[dict[str, np.ndarray]], Callable[[], Any]]  # the arrays -> what computes the kernel of them


def ntklib(workload: Workload, method: str) -> tuple[str, Prepare]:
    """This package, as a user calls it."""
    import jax

    if jax.__version_info__ < (0, 4, 36):
        _older_jax()
    import ntklib as package

    jax.devices()
    phi = workloads.jax_model(workload)

    def prepare(values: dict[str, np.ndarray]) -> Callable[[], Any]:
        w, X = _jax_arrays(values)
        return lambda: package.empirical_kernel(phi, w, X, method=method).block_until_ready()

    return f"jax {jax.__version__}", prepare


def _older_jax() -> None:
    """Give jax the names that it has had since."""
    from dataclasses import fields
    from types import SimpleNamespace

    import jax._src.ad_checkpoint
    import jax.core
    import jax.extend.core

    def register_dataclass(cls: Any) -> Any:
        static = {field.name: field.metadata.get("static", False) for field in fields(cls)}
        names = [[name for name in static if static[name] == value] for value in (False, True)]

        def flatten(value: Any) -> Any:
            return [[getattr(value, name) for name in part] for part in names]

        def unflatten(meta: Any, data: Any) -> Any:
            return cls(**dict(zip(names[0] + names[1], [*data, *meta], strict=True)))

        jax.tree_util.register_pytree_node(cls, lambda v: (flatten(v)[0], tuple(flatten(v)[1])), unflatten)
        return cls

    jax.tree_util.register_dataclass = register_dataclass
    names = ("flatten", "leaves", "map", "structure", "unflatten")
    jax.tree = SimpleNamespace(**{name: getattr(jax.tree_util, f"tree_{name}") for name in names})
    for name in ("ClosedJaxpr", "Jaxpr", "JaxprEqn", "Literal", "Primitive", "Var"):
        setattr(jax.extend.core, name, getattr(jax.core, name))
    one_by_one = jax.lax.map

    def batched_map(f: Any, xs: Any, batch_size: int) -> Any:  # for multiples of batch_size
        parts = jax.tree.map(lambda v: v.reshape(-1, batch_size, *v.shape[1:]), xs)
        return jax.tree.map(lambda v: v.reshape(-1, *v.shape[2:]), one_by_one(jax.vmap(f), parts))

    jax.lax.map = batched_map
    jax.lax.optimization_barrier = jax._src.ad_checkpoint._optimization_barrier
    at = jax.default_matmul_precision
    jax.default_matmul_precision = lambda name: at({"highest": "float32"}[name])


def neural_tangents(workload: Workload, implementation: str) -> tuple[str, Prepare]:
    """neural-tangents, told that the inputs do not interact, as its documentation recommends, and compiled."""
    import jax
    import neural_tangents as nt

    jax.devices()
    kernel = nt.empirical_ntk_fn(
        workloads.jax_model(workload), trace_axes=(), vmap_axes=0, implementation=int(implementation)
    )

    def prepare(values: dict[str, np.ndarray]) -> Callable[[], Any]:
        w, X = _jax_arrays(values)
        compiled = jax.jit(lambda w, X: kernel(X, None, w))
        return lambda: compiled(w, X).block_until_ready()

    return f"jax {jax.__version__}", prepare


def torch(workload: Workload, _: str) -> tuple[str, Prepare]:
    """torch.func: the Jacobians of all inputs by vmap of jacrev, contracted leaf by leaf."""
    import torch as package

    package.set_num_threads(len(os.sched_getaffinity(0)))
    package.zeros(())
    jacobian = package.func.vmap(package.func.jacrev(workloads.torch_model(workload)), (None, 0))

    def prepare(values: dict[str, np.ndarray]) -> Callable[[], Any]:
        w, X = workloads.torch_arrays(values)

        def kernel() -> Any:
            J = jacobian(w, X)
            rows = len(X) * workload.outputs
            K = package.zeros(rows, rows)
            for name in w:
                J_leaf = J.pop(name).reshape(rows, -1)
                K.addmm_(J_leaf, J_leaf.T)
            return K.reshape(len(X), workload.outputs, len(X), workload.outputs).transpose(1, 2)

        return kernel

    return f"torch {package.__version__.split('+')[0]}", prepare


def naive(workload: Workload, precision: str) -> tuple[str, Prepare]:
    """The definition in JAX, compiled: vmap of the Jacobian and one einsum a leaf; in float64 for a sample alone."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", precision == "float64")
    jax.devices()
    phi = workloads.jax_model(workload)

    @jax.jit
    def kernel(w: Any, X: Any) -> Any:
        jacobians = jax.vmap(jax.jacobian(phi), (None, 0))(w, X)
        flat = [J.reshape(*J.shape[:2], -1) for J in jax.tree_util.tree_leaves(jacobians)]
        return sum(jnp.einsum("iap,jbp->ijab", J, J) for J in flat)

    def prepare(values: dict[str, np.ndarray]) -> Callable[[], Any]:
        if precision == "float64":
            values = {name: v.astype(precision) for name, v in values.items()}
            values["X"] = values["X"][_sample(workload)]
        w, X = _jax_arrays(values)
        return lambda: kernel(w, X).block_until_ready()

    return f"jax {jax.__version__}", prepare


def product(workload: Workload, size: str) -> tuple[str, Prepare]:
    """One product of two square matrices: what the floor is measured with."""
    import jax
    import jax.numpy as jnp

    def prepare(values: dict[str, np.ndarray]) -> Callable[[], Any]:
        A = jnp.ones((int(size), int(size)), jnp.float32)
        compiled = jax.jit(jnp.matmul)
        return lambda: compiled(A, A).block_until_ready()

    return f"jax {jax.__version__}", prepare


def _jax_arrays(values: dict[str, np.ndarray]) -> tuple[dict[str, Any], Any]:
    import jax.numpy as jnp

    w = {name: jnp.asarray(v) for name, v in values.items()}
    return w, w.pop("X")


def _sample(workload: Workload) -> slice:
    return slice(None, None, -(-workload.inputs[0] // workloads.SAMPLE))


def _peak() -> int:
    """The largest resident memory of this process so far, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main() -> None:
    """Answer until "finish"."""
    kind, option, name, folder, threads, sample = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the contestants print is not an answer

    def answer(**values: Any) -> None:
        print(json.dumps(values), file=answers, flush=True)

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    workload = next(w for w in workloads.WORKLOADS if w.name == name)
    contestants = {f.__name__: f for f in (ntklib, neural_tangents, torch, naive, product)}
    try:
        start = time.perf_counter()
        runs_on, prepare = contestants[kind](workload, option)
        imported = _peak()
        answer(runs_on=runs_on, import_seconds=time.perf_counter() - start)
        values = {path.stem: np.load(path) for path in sorted(Path(folder).glob("*.npy"))}
        kernel = prepare(values)
        del values
        drawn = None
        for request in sys.stdin:
            if not request.startswith("run"):
                break
            seconds = []
            for _ in range(int(request.split()[1])):
                K = None  # a user who computes a second kernel has room for one alone
                start = time.perf_counter()
                K = kernel()
                seconds.append(time.perf_counter() - start)
            if drawn is None and kind != "product":
                K = np.asarray(K)
                drawn = K.copy() if len(K) < workload.inputs[0] else K[_sample(workload), _sample(workload)].copy()
            K = None
            answer(seconds=seconds)
        peak = _peak() - imported
        with open(sample, "wb") as file:
            np.save(file, drawn)
        answer(peak_bytes=peak)
    except Exception as error:
        answer(error=f"{type(error).__name__}: {str(error).strip() or 'no message'}".splitlines()[0][:200])


if __name__ == "__main__":
    main()
