from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=0, hidden=False)
def test_two_parameters(kernel):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w['a'] * x ** 2 + w['b'] * x
    w0 = {'a': np.array(1.0), 'b': np.array(-1.0)}
    K = kernel(phi, w0, np.array([2.0]), np.array([3.0, -1.0]))
    if np.shape(K) == (2, 1):
        raise AssertionError('K of the inputs 2 and (3, -1): rows belong to X1, columns to X2')
    expect('K of the inputs 2 and (3, -1)', K, [[42.0, 2.0]], mistakes={'only one leaf of the parameters is counted': [[36.0, 4.0]], 'only the last leaf of the parameters is counted': [[6.0, -2.0]], 'it is divided by the number of parameters; the kernel has no factor': [[21.0, 1.0]]})

