"""Homework 2."""

from mistakes import Mistake

MISTAKES = [
    Mistake(
        "a missing factor 2 in the gradient",
        "w - h * 2 * A.T @ (A @ w - b)",
        "w - h * A.T @ (A @ w - b)",
        {"q1": 2},
        "a factor 2 is missing: f is a sum of squares without ½",
    ),
    Mistake(
        "the step bound of a loss with a factor ½",
        "1 / np.linalg.norm(A, 2) ** 2",
        "2 / np.linalg.norm(A, 2) ** 2",
        {"q1": 1},
        "2/λ_max is the bound for a loss with a factor ½",
    ),
    Mistake(
        "the iterates from the part of w0 in the row space",
        "w0 - Vt.T @ (done * start)",
        "Vt.T @ (Vt @ w0 - done * start)",
        {"q2": 2},
        "the part of w0 in ker A is missing: it never changes",
    ),
    Mistake(
        "the zero singular values divided by",
        "nonzero = sigma > 1e-10 * sigma[0]",
        "nonzero = sigma >= 0",
        {"q2": 1},
        "NaN or infinity among the numbers",
    ),
    Mistake(
        "the limit without the w0 term",
        "w0 + np.linalg.pinv(A, 1e-10) @ (b - A @ w0)",
        "np.linalg.pinv(A, 1e-10) @ b",
        {"q2": 2},
        "this is A†b, as if w0 were zero",
    ),
    Mistake(
        "another student's matrix",
        'generator(student_id, "hw2-q3")',
        'generator("another student", "hw2-q3")',
        {"q3": 3, "q4": 1},
        "my_A is not the matrix of your student_id",
    ),
    Mistake(
        "row space and kernel exchanged",
        "V[:, 0]  # SOLUTION\nw_other = my_w0 + V[:, 6]",
        "V[:, 6]  # SOLUTION\nw_other = my_w0 + V[:, 0]",
        {"q3": 2},
        "the difference of the two starts has a part in ker A, which stays",
    ),
    Mistake(
        "ridge regression with the centre zero",
        "w0 + A.T @ np.linalg.solve(A @ A.T + mu * np.eye(len(b)), b - A @ w0)",
        "A.T @ np.linalg.solve(A @ A.T + mu * np.eye(len(b)), b)",
        {"q4": 1},
        "the centre is zero, not w0; as μ → 0 it tends to A†b",
    ),
    Mistake(
        "the two terms of the public test, whatever comes",
        "return weights @ y, phi0_test - weights @ phi0",
        "return np.array([4.0, 0.0]), np.array([0.5, 3.0])",
        {"q6": 4},
        "expected shape (7,), got (2,)",
    ),
    Mistake(
        "the initial function in place of the second term",
        "return weights @ y, phi0_test - weights @ phi0",
        "return weights @ y, phi0_test",
        {"q6": 3},
        "its own kernel least squares is not subtracted",
    ),
    Mistake(
        "the parameters centred in place of the functions",
        "phi(w, x) - phi(w0, x)  #",
        "phi(w - w0, x)  #",
        {"q7": 1},
        "the parameters were subtracted, not the functions",
    ),
    Mistake(
        "the doubled model divided by 2",
        "/ 2**0.5, (w0, w0)",
        "/ 2, (w0, w0)",
        {"q7": 1},
        "it is half of the kernel of Φ",
    ),
]
