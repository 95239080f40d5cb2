from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=0, hidden=False)
def test_shapes(null_vectors):
    import numpy as np
    C = null_vectors(2, 3)
    if C is None or C is Ellipsis:
        raise AssertionError('null_vectors: not answered yet')
    if np.shape(C) != (2, 6):
        raise AssertionError(f'null_vectors(2, 3): expected shape (2, 6), got {np.shape(C)}')
    if np.linalg.matrix_rank(np.asarray(C)) != 2:
        raise AssertionError('null_vectors(2, 3): the two vectors are not linearly independent')

@test_case(points=0, hidden=False)
def test_one_neuron_in_the_plane(line):
    import numpy as np
    w0 = {'U': np.array([[2.0, 0.0]]), 'b': np.array([0.3]), 'v': np.ones(1), 'c': np.zeros(2)}
    X = line(w0, 3)
    if X is None or X is Ellipsis:
        raise AssertionError('line: not answered yet')
    if np.shape(X) != (3, 2):
        raise AssertionError(f'line(w0, 3) with d = 2: expected shape (3, 2), got {np.shape(X)}')
    X = np.asarray(X)
    apart = np.linalg.norm(X[:, None] - X[None], axis=2)[~np.eye(3, dtype=bool)]
    if apart.min() < 0.5 - 1e-09:
        raise AssertionError(f'line: two of the inputs are only {apart.min():.2g} apart')
    if np.ptp(X @ w0['U'][0]) > 1e-09:
        raise AssertionError('line: the only neuron, with u = (2, 0), has different values ⟨u, x⟩ at your inputs')

@test_case(points=0, hidden=False)
def test_my_shapes(X_mine, y_mine):
    import numpy as np
    for name, value, shape in (('X_mine', X_mine, (6, 5)), ('y_mine', y_mine, (6,))):
        if value is None or value is Ellipsis:
            raise AssertionError(f'{name}: not answered yet')
        if np.shape(value) != shape:
            raise AssertionError(f'{name}: expected shape {shape}, got {np.shape(value)}')
    if abs(np.linalg.norm(np.asarray(y_mine)) - 1) > 1e-09:
        raise AssertionError('y_mine: its norm is not 1')

