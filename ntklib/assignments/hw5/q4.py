from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=0, hidden=False)
def test_no_hidden_layer(kernels):
    import numpy as np
    from ntklib.homework import expect
    X1, X2 = (np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]), np.array([[1.0, 1.0], [2.0, 0.0]]))
    answer = kernels(X1, X2, 0, 2.0, 1.0, lambda q1, q2, c: (c, np.ones_like(c)))
    assert isinstance(answer, (tuple, list)), 'kernels: expected two arrays, Σ and Θ'
    for name, array in zip('ΣΘ', answer, strict=True):
        expect(f'{name} of depth 0', array, [[3.0, 5.0], [5.0, 1.0], [5.0, 5.0]])

@test_case(points=0, hidden=False)
def test_linear_network(kernels):
    import numpy as np
    from ntklib.homework import expect
    X = np.array([[1.0], [-3.0]])
    answer = kernels(X, X, 1, 2.0, 0.0, lambda q1, q2, c: (c, np.ones_like(c)))
    assert isinstance(answer, (tuple, list)), 'kernels: expected two arrays, Σ and Θ'
    x = np.array([[1.0, -3.0], [-3.0, 9.0]])
    expect('Σ of one linear layer', answer[0], 16 * x, mistakes={'ω² is missing in the recursion': 4 * x, 'one layer too many': 64 * x})
    expect('Θ of one linear layer', answer[1], 32 * x, mistakes={'this is Σ: the term with S Θ is missing': 16 * x, 'ω² is missing in front of S': 20 * x, 'the product with Θ is entry by entry, not a matrix product': 16 * x + 4 * np.ones((2, 2)) @ (4 * x)})

