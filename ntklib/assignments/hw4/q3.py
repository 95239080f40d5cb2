from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=0, hidden=False)
def test_two_seeds_by_hand(fit_exponent):
    import numpy as np
    from ntklib.homework import expect
    x, values = (np.array([1.0, 10.0, 100.0]), np.array([[1.0, 0.1, 0.01], [3.0, 0.03, 0.0003]]))
    expect('exponent and standard error of two seeds, one exactly 1/x and one exactly 3/x²', fit_exponent(x, values), [-1.5, 0.5], mistakes={'divide by S − 1 in the variance, not by S': [-1.5, 0.5 / np.sqrt(2)], 'this is the spread of the seeds: the standard error of their mean has a further 1/√S': [-1.5, np.sqrt(0.5)]})

