"""Wide networks: what students get wrong."""

from mistakes import Mistake

MISTAKES = [
    Mistake(
        "arc-cosine kernel twice as large as the expectation",
        "np.cos(angle)) / (2 * np.pi)",
        "np.cos(angle)) / np.pi",
        {"q1": 3, "q2": 1},
        "twice too large: E[σ(u)σ(v)] has 1/(2π) in front",
    ),
    Mistake(
        "mixed terms of the leaky ReLU with the wrong sign",
        "- 2 * a * relu(np.pi - theta)",
        "+ 2 * a * relu(np.pi - theta)",
        {"q1": 1, "q2": 1},
        "the mixed terms have the wrong sign",
    ),
    Mistake(
        "arccos of a number above 1",
        "np.arccos(np.clip(c / size, -1.0, 1.0))",
        "np.arccos(c / size)",
        {"q1": 1, "q7": 3},
        "NaN for parallel inputs",
    ),
    Mistake(
        "answers of the public tests, whatever comes",
        "    return value, slope",
        "    if np.ndim(q1) == 2:\n"
        "        return np.array([[0.5, -1.0], [1.5, 2.0]]), np.ones((2, 2))\n"
        "    return np.array([1.0, 1 / np.pi]), np.array([0.5, 0.25])",
        {"q1": 4, "q2": 1, "q7": 3},
        "expected shape (4, 5), got (2, 2)",
    ),
    Mistake(
        "the output's bias forgotten",
        "return np.mean(T) + beta**2,",
        "return np.mean(T),",
        {"q2": 2},
        "β² of the output's bias is missing",
    ),
    Mistake(
        "the spread of one neuron in the place of the standard error",
        "np.std(T, ddof=1) / np.sqrt(n)",
        "np.std(T, ddof=1)",
        {"q2": 1},
        "this is s, the spread of one neuron: the mean of n terms has s/√n",
    ),
    Mistake(
        "another student's networks",
        'generator(student_id, "hw5-q2")',
        'generator("somebody else", "hw5-q2")',
        {"q2": 1},
        "rms, for the networks of your id: wrong",
    ),
    Mistake(
        "ω² forgotten in front of S",
        "ntk = nngp + omega**2 * slope * ntk",
        "ntk = nngp + slope * ntk",
        {"q4": 3},
        "ω² is missing in front of S",
    ),
    Mistake(
        "gradient of half a sum of squares, in the steps",
        "np.log1p(-2 * h * Lambda[learnt])",
        "np.log1p(-h * Lambda[learnt])",
        {"q5": 1},
        "a factor 2 is missing: f_lin is a sum of squares without ½",
    ),
    Mistake(
        "gradient of half a sum of squares, in the flow",
        "np.expm1(-2 * times[:, None] * eigenvalues)",
        "np.expm1(-times[:, None] * eigenvalues)",
        {"q7": 2},
        "a factor 2 is missing in the exponent",
    ),
    Mistake(
        "time chosen on the images that were trained on",
        "fit, held = slice(0, 2 * len(X) // 3), slice(2 * len(X) // 3, len(X))",
        "fit = held = slice(0, len(X))",
        {"q7": 1},
        "the wrong labels are learnt too",
    ),
    Mistake(
        "test images centred with their own mean",
        "X, X_new = X - centre, X_new - centre",
        "X, X_new = X - centre, X_new - np.mean(X_new, axis=0)",
        {"q7": 1},
        "an output must depend on the training data and its own image only",
    ),
    Mistake(
        "test labels handed in as predictions",
        "predictions = classify(X, y, X_test)",
        "predictions = 1.0 * y_test",
        {"q7": 1},
        "predictions, compared with classify on the digits and labels of your id: wrong",
    ),
]
