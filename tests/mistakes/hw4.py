"""Homework 4."""

from mistakes import Mistake

MISTAKES = [
    Mistake(
        "the factor 2 of the gradient",
        "2 * (alpha * J).T @ residual",
        "(alpha * J).T @ residual",
        {"q1": 2, "q5": 2},
        "a factor 2 is missing: f is a sum of squares without ½",
    ),
    Mistake(
        "a model that is not centred",
        "alpha * (values - values_0) - y",
        "alpha * values - y",
        {"q1": 2, "q5": 2, "q6": 1, "q7": 1},
        "the model is not centred: subtract Φ(x, w0)",
    ),
    Mistake(
        "the forgotten w0 term",
        "alpha * J_0 @ (w_bar - w0) - y",
        "alpha * J_0 @ w_bar - y",
        {"q1": 2, "q5": 2, "q7": 1},
        "the w0 term is forgotten: the linearization is in w − w0, not in w",
    ),
    Mistake(
        "the kernel transposed",
        "K_0, K = J_0 @ J_0.T, J @ J.T",
        "K_0, K = J_0.T @ J_0, J.T @ J",
        {"q2": 1, "q5": 2, "q6": 1},
        "the kernel of the inputs is J Jᵀ, not Jᵀ J",
    ),
    Mistake(
        "a gap without its scale",
        "return np.max(np.abs(real - linear))",
        "return np.max(np.abs(real - linear)) / alpha",
        {"q2": 2, "q5": 2},
        "the gap: the scale α is missing",
    ),
    Mistake(
        "the variance with 1/S",
        "return np.mean(slopes), np.std(slopes, ddof=1)",
        "return np.mean(slopes), np.std(slopes)",
        {"q3": 2},
        "divide by S − 1 in the variance, not by S",
    ),
    Mistake(
        "hard-coded to the public example",
        "return np.mean(slopes), np.std(slopes, ddof=1) / np.sqrt(len(slopes))",
        "return -1.5, 0.5",
        {"q3": 4, "q5": 1, "q6": 1},
        "the exponent of exact power laws",
    ),
    Mistake(
        "another student's data",
        'generator(student_id, "hw4-q5")',
        'generator("a friend", "hw4-q5")',
        {"q5": 2, "q6": 1},
        "the data of your student_id",
    ),
    Mistake(
        "the opposite scale",
        "else width**-0.5",
        "else width**0.5",
        {"q6": 1},
        "the scale is n₁^(−1/2), not n₁^(1/2)",
    ),
    Mistake(
        "the forgotten trace",
        "return 8 / 3 * s**2",
        "return 2 * s**2",
        {"q7": 2},
        "the trace is forgotten",
    ),
]
