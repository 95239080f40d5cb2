from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=0, hidden=False)
def test_four_equal_neurons(sine_kernel):
    import numpy as np
    from ntklib.homework import expect

    def four(b):
        return {'U': np.zeros((4, 1)), 'b': np.full(4, b), 'v': np.full(4, 3.0), 'c': np.zeros(1)}
    X1, X2 = (np.array([[2.0]]), np.array([[5.0]]))
    expect('K(2, 5) where all sines are 1', sine_kernel(four(np.pi / 2), X1, X2), [[11.0]], mistakes={'the term of c is missing': [[1.0]], 'the factor 1/N is missing': [[14.0]]})
    expect('K(2, 5) where all cosines are 1', sine_kernel(four(0.0), X1, X2), [[109.0]], mistakes={'the term of b is missing': [[100.0]], 'v_j must be squared': [[43.0]], 'the term of c is missing': [[99.0]], 'the factor 1/N is missing': [[406.0]]})

