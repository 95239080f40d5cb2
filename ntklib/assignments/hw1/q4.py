from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=0, hidden=False)
def test_offsets_of_a_small_model(offsets):
    import numpy as np
    from ntklib.homework import expect
    phi, grad = (lambda w, x: x[0] * w[0] ** 2 + w[1], lambda w, x: np.array([2 * x[0] * w[0], 1.0]))
    X, w0, y = (np.array([[1.0], [3.0]]), np.array([2.0, 1.0]), np.array([0.5, 2.0]))
    expect('δ', offsets(phi, grad, w0, X, y), [-4.5, -14.0], mistakes={'the sign of y is wrong': [-3.5, -10.0], 'the term ⟨∇Φ(x, w0), w0⟩ is missing': [4.5, 11.0], 'the sign of ⟨∇Φ(x, w0), w0⟩ is wrong': [13.5, 36.0]})

@test_case(points=0, hidden=False)
def test_losses_of_small_models(loss, linear_loss, linear_loss_gradient):
    import numpy as np
    from ntklib.homework import expect
    f = loss(lambda w, x: w[0] * x[0], np.array([[1.0], [2.0]]), np.array([1.0, 2.0]))
    A, delta, w = (np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, -1.0]), np.array([1.0, 2.0]))
    f_lin, grad = (linear_loss(A, delta), linear_loss_gradient(A, delta))
    for name, got in {'loss': f, 'linear_loss': f_lin, 'linear_loss_gradient': grad}.items():
        assert callable(got), f'{name}: expected it to return a function of w'
    factor, root = ('there is no factor ½ and no 1/m', 'this is the norm; square it')
    expect('f', f(np.array([2.0])), 5.0, mistakes={factor: 2.5, root: np.sqrt(5)})
    expect('f_lin', f_lin(w), 8.0, mistakes={factor: 4.0, root: np.sqrt(8), 'δ is missing': 10.0})
    expect('the shape of ∇f_lin', np.shape(grad(w)), (2,))

@test_case(points=0, hidden=False)
def test_your_own_numbers_are_there_and_agree(my_delta, my_losses):
    import numpy as np
    from ntklib.homework import expect
    expect('my_delta', my_delta, my_delta if np.shape(my_delta) == (8,) else np.zeros(8))
    expect('my_losses', my_losses, my_losses if np.shape(my_losses) == (2,) else np.zeros(2))
    difference = abs(my_losses[0] - my_losses[1])
    assert difference < 1e-06, f'my_losses: the two forms of f_lin are the same function, but yours differ by {difference:.2g}'

