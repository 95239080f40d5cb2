from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=0, hidden=False)
def test_the_mean_at_two_inputs(mean_kernel):
    import numpy as np
    from ntklib.homework import expect
    X = np.array([[0.0, 0.0], [2.0, 0.0]])
    expect("the mean of K(0, 0) and of K(0, x') at x' = (2, 0)", mean_kernel(X[:1], X), [[1.0, np.exp(-2.0)]], mistakes={'the term of b or that of v is missing': [[0.5, np.exp(-2.0) / 2]], "E cos Z is e^(-s²/2), with the variance s² of ⟨u, x - x'⟩": [[1.0, np.exp(-4.0)]], 'the factor ½ of the product of two sines or cosines is missing': [[2.0, 2 * np.exp(-2.0)]]})

@test_case(points=0, hidden=False)
def test_spread_of_kernels_without_chance(relative_spread):
    import numpy as np
    from ntklib.homework import expect
    X = np.array([[1.0, 0.0], [0.0, 2.0]])
    always = relative_spread(lambda w0, X1, X2: X1 @ X2.T, X, 8, 5)
    expect('the spread of a kernel that does not depend on w0', always, 0.0)
    once, tenfold = (relative_spread(lambda w0, X1, X2, scale=scale: scale * w0['v'][0] ** 2 * (X1 @ X2.T), X, 8, 5) for scale in (1.0, 10.0))
    expect('the relative spread of 10·K against that of K', tenfold, once)
    if not once > 0:
        raise AssertionError('the relative spread: 0 for a kernel that depends on w0; every seed needs its own w0')

@test_case(points=0, hidden=False)
def test_a_power_law(exponent):
    from ntklib.homework import expect
    expect('the exponent of N²', exponent([1, 2, 4], [1.0, 4.0, 16.0]), 2.0, mistakes={'the axes are exchanged': 0.5})

