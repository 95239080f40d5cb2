from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=0, hidden=False)
def test_a_model_with_two_parameters(directional, any_offsets):
    import numpy as np
    from ntklib.homework import expect
    phi, X = (lambda w, x: w['a'] * x + w['b'] ** 2, np.array([1.0, 2.0]))
    w0, v = ({'a': np.array(3.0), 'b': np.array(2.0)}, {'a': np.array(1.0), 'b': np.array(-1.0)})
    got = directional(phi, w0, v, X)
    assert isinstance(got, (list, tuple)), 'directional: expected a pair, outputs and derivatives'
    assert len(got) == 2, 'directional: expected a pair, outputs and derivatives'
    expect('the outputs', got[0], [7.0, 10.0])
    expect('the derivatives', got[1], [-3.0, -2.0], mistakes={'this is the direction w0, not v': [11.0, 14.0]})
    expect('the shape of δ', np.shape(any_offsets(phi, w0, X, np.array([0.0, 1.0]))), (2,))

