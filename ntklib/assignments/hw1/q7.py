from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=0, hidden=False)
def test_homogeneous_offsets_of_a_product(homogeneous_offsets):
    import numpy as np
    from ntklib.homework import expect
    got = homogeneous_offsets(lambda w, x: x * w[0] * w[1] * w[2], np.array([1.0, 2.0, 3.0]), np.array([1.0, -2.0]), np.array([1.0, 5.0]), 3)
    expect('δ', got, [-13.0, 19.0], mistakes={'the sign of (1 − L) Φ is wrong': [11.0, -29.0], 'this is −L Φ − y: δ contains Φ(x, w0) too': [-19.0, 31.0], 'the sign of y is wrong': [-11.0, 29.0]})

@test_case(points=0, hidden=False)
def test_rescale_two_layers(rescale, euler_direction):
    import numpy as np
    from ntklib.homework import expect
    w = [(np.array([[1.0]]), np.array([1.0])), (np.array([[2.0]]), np.array([3.0]))]
    got = rescale(w, 2.0)
    assert isinstance(got, (list, tuple)), 'rescale: expected a list of two pairs for two layers'
    assert len(got) == 2, 'rescale: expected a list of two pairs for two layers'
    (W_1, b_1), (W_2, b_2) = got
    expect('rescale, the weights', [W_1, W_2], [[[2.0]], [[4.0]]])
    expect('rescale, the output at t = 2', W_2 @ np.maximum(W_1 @ np.array([2.0]) + b_1, 0.0) + b_2, [36.0])
    got = euler_direction(w)
    assert isinstance(got, (list, tuple)), 'euler_direction: expected a list of two pairs'
    assert len(got) == 2, 'euler_direction: expected a list of two pairs'
    (W_1, b_1), (W_2, b_2) = got
    expect('euler_direction, the weights', [W_1, W_2], [[[1.0]], [[2.0]]])
    expect('euler_direction, the shapes of the biases', [np.shape(b_1), np.shape(b_2)], [(1,), (1,)])

