"""Homework 3."""

from mistakes import Mistake

MISTAKES = [
    Mistake(
        "the first leaf of the parameters alone",
        "K = K + G1.reshape(len(X1), -1) @",
        "return G1.reshape(len(X1), -1) @",
        {"q1": 2},
        "only the leaf hidden W of the parameters is counted",
    ),
    Mistake(
        "the transposed kernel",
        "K = K + G1.reshape(len(X1), -1) @ G2.reshape(len(X2), -1).T",
        "K = K + G2.reshape(len(X2), -1) @ G1.reshape(len(X1), -1).T",
        {"q1": 1},
        "K(x, x') and K(x', x) are exchanged",
    ),
    Mistake(
        "hard-coded to the public inputs",
        "    gradients = jax.vmap(jax.grad(phi), (None, 0))",
        "    return np.array([[42.0, 2.0]])",
        {"q1": 3},
        "expected shape (5, 5), got (1, 2)",
    ),
    Mistake("the output weights not squared", 'w0["v"] ** 2', 'w0["v"]', {"q2": 1}, "v_j must be squared"),
    Mistake(
        "averaged outputs",
        'np.einsum("ijaa->ij", K)',
        'np.einsum("ijaa->ij", K) / K.shape[2]',
        {"q3": 1},
        "the outputs were averaged",
    ),
    Mistake(
        "along the neurons instead of across them",
        'np.linalg.svd(w0["U"])[2][-1]',
        'np.linalg.svd(w0["U"])[2][0]',
        {"q4": 2},
        "⟨u_j, x⟩ changes from one input to the next",
    ),
    Mistake(
        "another student's network",
        "X_mine = line(w_mine, 6)",
        'X_mine = line(initialize(generator("ada", "hw3-q4"), width=3, d=5), 6)',
        {"q4": 1},
        "for the network of '...' the Gram matrix has rank",
    ),
    Mistake(
        "the bias forgotten in the mean",
        "(1 + (products + 1))",
        "(1 + products)",
        {"q6": 1},
        "the term of b or that of v is missing",
    ),
    Mistake(
        "a missing factor 2 in the prediction",
        "-2 * h * kernel_vector",
        "-h * kernel_vector",
        {"q8": 3},
        "a factor 2 is missing: f is a sum of squares without ½",
    ),
    Mistake(
        "the kernel formed for its product",
        "return jax.jvp(lambda w: outputs(w, X1), (w0,), (direction,))[1]",
        "J1, J2 = (jax.tree.leaves(jax.jacrev(lambda w, X=X: outputs(w, X))(w0)) for X in (X1, X2))\n"
        "    K = sum(A.reshape(-1, p.size) @ B.reshape(-1, p.size).T for A, B, p in zip(J1, J2, jax.tree.leaves(w0)))\n"
        "    return (K @ v.ravel()).reshape(len(X1), *v.shape[1:])",
        {"q8": 1},
        "memory",
    ),
]
