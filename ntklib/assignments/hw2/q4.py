from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=0, hidden=False)
def test_ridge_by_hand(ridge):
    import numpy as np
    from ntklib.homework import expect
    expect('the minimizer of (w_1 − 2)² + w_1² + (w_2 − 3)²', ridge(np.array([[1.0, 0.0]]), np.array([2.0]), np.array([0.0, 3.0]), 1.0), [1.0, 3.0], mistakes={'the centre is zero, not w0': [1.0, 0.0], 'the penalty counts twice: both squares have the factor 2 in their gradient': [2 / 3, 3.0], 'the penalty counts half: both squares have the factor 2 in their gradient': [4 / 3, 3.0]})

@test_case(points=0, hidden=False)
def test_slope_is_a_positive_number(my_slope):
    import numpy as np
    from ntklib.homework import expect
    expect('my_slope', my_slope, 1.0, tol=np.inf)
    assert my_slope > 0, 'my_slope: a norm divided by μ > 0 is not negative, and here it is not zero'

