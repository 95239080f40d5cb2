"""Homework 1."""

from mistakes import Mistake

# every gradient at once, which forward mode has no need of
JACOBIAN = """jacobian = jax.vmap(lambda x: jax.jacrev(lambda w: phi(w, x))(w0))(X)
    along = jax.tree.map(lambda J, v: jnp.tensordot(J, v, np.ndim(v)), jacobian, v)
    return jax.vmap(phi, (None, 0))(w0, X), sum(jax.tree.leaves(along))"""

MISTAKES = [
    Mistake(
        "1/√p forgotten in the gradient",
        "np.outer(db, x).ravel(), db, a]) / np.sqrt(c.size)",
        "np.outer(db, x).ravel(), db, a])",
        {"q1": 3, "q4": 1},
        "the factor 1/√p is missing",
    ),
    Mistake(
        "the gradient in U transposed",
        "np.outer(db, x).ravel()",
        "np.outer(x, db).ravel()",
        {"q1": 1, "q4": 1},
        "U is laid out row by row",
    ),
    Mistake(
        "Φ_lin with w in place of w − w0",
        "grad(w0, x) @ (w - w0)",
        "grad(w0, x) @ w",
        {"q2": 2, "q4": 1},
        "the gradient is multiplied by w, not by w − w0",
    ),
    Mistake(
        "a direction that moves both layers",
        "np.concatenate([np.ones(12), np.zeros(4)])",
        "np.ones(16)",
        {"q2": 1},
        "the order is 2 there",
    ),
    Mistake(
        "the sign of y in δ",
        "features(grad, w0, X) @ w0 - y",
        "features(grad, w0, X) @ w0 + y",
        {"q4": 3},
        "the sign of y is wrong",
    ),
    Mistake(
        "δ without the term in w0",
        "return outputs - features(grad, w0, X) @ w0 - y",
        "return outputs - y",
        {"q4": 2},
        "the term ⟨∇Φ(x, w0), w0⟩ is missing",
    ),
    Mistake(
        "δ hard-coded to the public inputs",
        "return outputs - features(grad, w0, X) @ w0 - y",
        "return np.resize([-4.5, -14.0], len(X))",
        {"q4": 3},
        "δ: wrong, off by",
    ),
    Mistake(
        "the linearized loss averaged",
        "np.sum((A @ w + delta) ** 2)",
        "np.mean((A @ w + delta) ** 2)",
        {"q4": 2},
        "nothing is averaged",
    ),
    Mistake(
        "the gradient of the linearized loss without 2",
        "2 * A.T @ (A @ w + delta)",
        "A.T @ (A @ w + delta)",
        {"q4": 1},
        "a factor 2 is missing: f is a sum of squares without ½",
    ),
    Mistake(
        "a friend's data",
        'generator(student_id, "hw1-q4")',
        'generator("a friend", "hw1-q4")',
        {"q4": 1},
        "δ for the data of your id: wrong",
    ),
    Mistake(
        "Jacobians in reverse mode",
        "return jax.jvp(lambda w: jax.vmap(phi, (None, 0))(w, X), (w0,), (v,))",
        JACOBIAN,
        {"q6": 1},
        "Reverse-mode differentiation does not work",
    ),
    Mistake(
        "the outputs averaged",
        "outputs - along_w0 - y",
        "outputs - along_w0.mean(axis=-1, keepdims=True) - y",
        {"q6": 1},
        "the outputs were averaged",
    ),
    Mistake(
        "every bias multiplied by t",
        "t**layer * b",
        "t * b",
        {"q7": 1},
        "the bias is multiplied by t in every layer",
    ),
]
