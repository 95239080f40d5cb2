from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=0, hidden=False)
def test_relu(leaky_moments):
    import numpy as np
    from ntklib.homework import expect
    answer = leaky_moments(np.array([2.0, 1.0]), np.array([2.0, 4.0]), np.array([2.0, 0.0]), 0.0)
    assert isinstance(answer, (tuple, list)), 'leaky_moments: expected two arrays, V and S'
    expect('V for a = 0, one parallel and one orthogonal pair', answer[0], [1.0, 1 / np.pi], mistakes={'twice too large: E[σ(u)²] is half of the variance': [2.0, 2 / np.pi], 'the lengths are missing: σ(tu) = tσ(u) for t > 0': [0.5, 0.5 / np.pi], 'θ and π − θ are exchanged': [0.0, 1 / np.pi]})
    expect('S for a = 0, one parallel and one orthogonal pair', answer[1], [0.5, 0.25], tol=1e-07, mistakes={'twice too large: it is the probability that u and v are both positive': [1.0, 0.5], 'θ and π − θ are exchanged': [0.0, 0.25]})

@test_case(points=0, hidden=False)
def test_linear(leaky_moments):
    import numpy as np
    from ntklib.homework import expect
    q1, q2, c = (np.array([[2.0], [3.0]]), np.array([[1.0, 5.0]]), np.array([[0.5, -1.0], [1.5, 2.0]]))
    answer, relu = (leaky_moments(q1, q2, c, 1.0), leaky_moments(q1, q2, c, 0.0))
    assert isinstance(answer, (tuple, list)), 'leaky_moments: expected two arrays, V and S'
    for name, with_slope, without in zip('VS', answer, relu, strict=True):
        assert not np.array_equal(with_slope, without), f'{name}: the slope a is ignored'
    expect('V for a = 1, where σ_a(z) = z and so V = c', answer[0], [[0.5, -1.0], [1.5, 2.0]])
    expect("S for a = 1, where σ_a'(z) = 1", answer[1], np.ones((2, 2)))

