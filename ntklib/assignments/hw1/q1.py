from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=0, hidden=False)
def test_gradient_where_every_unit_is_at_zero(gradient):
    import numpy as np
    from ntklib.homework import expect
    w, x = (np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 6.0, 8.0]), np.array([3.0]))
    want = np.array([3.0, 6.0, 9.0, 12.0, 1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0])
    expect('∇Φ', gradient(w, x), want, mistakes={'the factor 1/√p is missing': 2 * want})

@test_case(points=0, hidden=False)
def test_differences_of_a_cubic(difference_gradient):
    import numpy as np
    from ntklib.homework import expect
    got = difference_gradient(lambda w, x: np.sum(w ** 3), np.array([1.0, 2.0]), np.array([0.0]), 1.0)
    expect('central differences', got, [4.0, 13.0], mistakes={'this is the one-sided quotient (Φ(w + s e) − Φ(w)) / s': [7.0, 19.0], 'divide by 2s, the distance of the two points': [8.0, 26.0], 'move one entry of w at a time': [17.0, 17.0]})

