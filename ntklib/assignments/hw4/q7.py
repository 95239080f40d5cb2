from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=0, hidden=False)
def test_two_dimensions(linear_form, floor, neuron_errors):
    import numpy as np
    from ntklib.homework import expect
    expect('linear_form of w0 = (1, 0), w̄ = (3, 2)', linear_form(np.array([1.0, 0.0]), np.array([3.0, 2.0])), [[5.0, 2.0], [2.0, 0.0]], mistakes={'the matrix is not symmetric': [[5.0, 4.0], [0.0, 0.0]], 'the linearization is in w̄ − w0: the w0 term is forgotten': [[7.0, 2.0], [2.0, 0.0]], 'Φ(x, w0) is missing': [[4.0, 2.0], [2.0, 0.0]]})
    w0 = np.array([2.0, 1.0])
    expect('floor for w_* = −3 w0, whose targets are a multiple of Φ(x, w0)', floor(w0, -3 * w0), 0.0)
    expect('neuron_errors', neuron_errors, np.ones((2, 3)), tol=np.inf)

