from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=0, hidden=False)
def test_linearization_of_a_small_model(linearization):
    import numpy as np
    from ntklib.homework import expect
    phi, grad = (lambda w, x: w[0] ** 2 + x * w[1], lambda w, x: np.array([2 * w[0], x]))
    phi_lin = linearization(phi, grad, np.array([1.0, 2.0]))
    assert callable(phi_lin), 'linearization: expected it to return a function phi_lin(w, x)'
    expect('Φ_lin', phi_lin(np.array([2.0, 4.0]), 3.0), 15.0, mistakes={'the gradient is multiplied by w, not by w − w0': 23.0, 'the gradient is taken at w, not at w0': 17.0, 'the term Φ(x, w0) is missing': 8.0, 'the sign of w − w0 is wrong': -1.0})

@test_case(points=0, hidden=False)
def test_errors_and_slope_of_a_parabola(linearization_errors, fitted_slope):
    import numpy as np
    from ntklib.homework import expect
    w0, v, radii = (np.array([1.0]), np.array([2.0]), np.array([0.5, 1.0, 2.0]))
    got = linearization_errors(lambda w, x: w[0] ** 2, lambda w, x: 2 * w[0] - 1, w0, v, 0.0, radii)
    expect('errors', got, [1.0, 4.0, 16.0], mistakes={'the sign is left: take absolute values, |Φ − Φ_lin|': [-1.0, -4.0, -16.0]})
    expect('slope', fitted_slope(np.array([1.0, 10.0, 100.0]), np.array([5.0, 500.0, 50000.0])), 2.0, mistakes={'the axes are exchanged': 0.5})

@test_case(points=0, hidden=False)
def test_cubic_example_has_its_form(cubic_w0, cubic_v):
    import numpy as np
    from ntklib.homework import expect
    for name, got in {'cubic_w0': cubic_w0, 'cubic_v': cubic_v}.items():
        expect(name, got, got if np.shape(got) == (16,) else np.zeros(16))
    assert np.linalg.norm(cubic_v) > 0, 'cubic_v: this is no direction, it is zero'

