from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=0, hidden=False)
def test_start_by_hand(nearest_start):
    import numpy as np
    from ntklib.homework import expect
    expect('the start for A = (1 1) and w0 = (4, 0)', nearest_start(np.array([[1.0, 1.0]]), np.array([4.0, 0.0])), [2.0, 2.0], mistakes={'zero does it, but there is a closer one': [0.0, 0.0], 'this is the part of w0 in ker A: it is what has to go': [2.0, -2.0]})

@test_case(points=0, hidden=False)
def test_centred_by_hand(centred):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return (w @ x) ** 2
    w0, w, x = (np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([2.0, 1.0]))
    model = centred(phi, w0)
    assert callable(model), 'centred: expected a function of (w, x)'
    expect('the centred model at w0, which should be zero', model(w0, x), 0.0)
    expect('the centred model of Φ(x, w) = ⟨w, x⟩² at w = (1, 1), x = (2, 1) for w0 = (1, 0)', model(w, x), 5.0, mistakes={'the parameters were subtracted, not the functions: Φ(x, w − w0)': 1.0})

@test_case(points=0, hidden=False)
def test_doubled_by_hand(doubled):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return (w @ x) ** 2
    w0, x = (np.array([1.0, 0.0]), np.array([2.0, 1.0]))
    pair = doubled(phi, w0)
    assert isinstance(pair, (tuple, list)), 'doubled: expected a tuple (model, start)'
    assert len(pair) == 2, 'doubled: expected a tuple of two, (model, start)'
    model, start = pair
    assert callable(model), 'doubled: the first entry should be a function of (w, x)'
    assert isinstance(start, (tuple, list)), 'doubled: start should be a tuple of two arrays'
    assert len(start) == 2, 'doubled: start should be a tuple of two arrays, one for each copy'
    for copy in start:
        expect('an entry of start', copy, np.zeros(2), tol=np.inf)
    expect('the doubled model at its start, which should be zero', model(tuple(start), x), 0.0)

