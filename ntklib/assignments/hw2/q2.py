from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=0, hidden=False)
def test_two_steps_by_hand(iterate):
    import numpy as np
    from ntklib.homework import expect
    A, b, w0 = (np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), np.array([1.0, 2.0]), np.array([0.0, 0.0, 5.0]))
    expect('w_2 for the equations w_1 = 1, 2 w_2 = 2 from (0, 0, 5) with h = 0.1', iterate(A, b, w0, 0.1, 2), [0.36, 0.96, 5.0], mistakes={'a factor 2 is missing: a step multiplies direction i by 1 − 2hσ_i²': [0.19, 0.64, 5.0], 'the part of w0 in ker A is missing: it never changes': [0.36, 0.96, 0.0]})

@test_case(points=0, hidden=False)
def test_limit_by_hand(limit):
    import numpy as np
    from ntklib.homework import expect
    A, b, w0 = (np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), np.array([1.0, 2.0]), np.array([0.0, 0.0, 5.0]))
    expect('the limit for the equations w_1 = 1, 2 w_2 = 2 from (0, 0, 5)', limit(A, b, w0), [1.0, 1.0, 5.0], mistakes={'this is A†b, as if w0 were zero: the part of w0 in ker A never changes': [1.0, 1.0, 0.0]})

