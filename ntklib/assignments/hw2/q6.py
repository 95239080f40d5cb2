from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=0, hidden=False)
def test_one_training_input(two_terms):
    import numpy as np
    from ntklib.homework import expect
    K, K_test, y = (np.array([[4.0]]), np.array([[2.0], [0.0]]), np.array([8.0]))
    terms = two_terms(K, K_test, y, np.array([2.0]), np.array([1.5, 3.0]))
    assert isinstance(terms, (tuple, list)), 'expected a tuple of two arrays, (first term, second term)'
    assert len(terms) == 2, 'expected a tuple of two arrays, (first term, second term)'
    expect('the first term for K = (4), k(x) = 2 and 0, y = 8', terms[0], [4.0, 0.0])
    expect('the second term for K = (4), k(x) = 2 and 0, Φ(x_1, w0) = 2, Φ(x, w0) = 1.5 and 3', terms[1], [0.5, 3.0], mistakes={'this is Φ(x, w0) itself: its own kernel least squares is not subtracted': [1.5, 3.0], 'the kernel least squares of Φ(·, w0) has to be subtracted, not added': [2.5, 3.0], 'the sign is wrong': [-0.5, -3.0]})

