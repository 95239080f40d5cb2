from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=0, hidden=False)
def test_two_neurons(one_network):
    import numpy as np
    from ntklib.homework import expect
    x = np.array([2.0])
    answer = one_network(np.array([[1.0], [-1.0]]), np.zeros(2), np.array([1.0, 2.0]), x, x, 1.0, 0.0, 0.5)
    assert isinstance(answer, (tuple, list)), 'one_network: expected two numbers, K_n and its error'
    expect('K_n of two neurons, with T_1 = 4 + 4 and T_2 = 1 + 4', answer[0], 6.5, mistakes={'only the output weights were differentiated': 2.5, 'only the hidden layer was differentiated': 4.0, 'v_j comes in squared, from both inputs': 5.5, 'v_j is missing in the part of the hidden layer': 5.0, 'the slope a comes in squared, from both inputs': 8.5, '1/n is missing: the sum was taken, not the mean': 13.0})
    expect('the standard error of two neurons, with T_1 = 8 and T_2 = 5', answer[1], 1.5, mistakes={'this is s, the spread of one neuron: the mean of n terms has s/√n': 3 / np.sqrt(2), 'either 1/n in the place of 1/(n − 1), or s/n in the place of s/√n': 1.5 / np.sqrt(2), 'this is the square, a variance': 2.25})

@test_case(points=0, hidden=False)
def test_shapes(standard_errors, rms):
    import numpy as np
    assert np.shape(rms) == (8,), f'rms: expected shape (8,), got {np.shape(rms)}'
    shape = np.shape(standard_errors)
    assert shape == (8, 100), f'standard_errors: expected shape (8, 100), got {shape}'
    assert np.all(np.asarray(standard_errors) > 0), 'standard_errors: expected positive numbers'
    assert rms[-1] < rms[0] / 5, 'rms: it should fall by a factor of about 11 from width 16 to width 2048; if K_n is right, K_∞ is not'

