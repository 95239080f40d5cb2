from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=0, hidden=False)
def test_step_by_hand(gradient_step):
    import numpy as np
    from ntklib.homework import expect
    A, b, w = (np.array([[1.0, 2.0]]), np.array([1.0]), np.array([1.0, 1.0]))
    expect('the step from (1, 1) with h = 0.1 for one equation w_1 + 2 w_2 = 1', gradient_step(A, b, w, 0.1), [0.6, 0.2], mistakes={'a factor 2 is missing: f is a sum of squares without ½': [0.8, 0.6], 'it goes up the gradient, not down': [1.4, 1.8]})

@test_case(points=0, hidden=False)
def test_bound_of_a_diagonal_matrix(step_bound):
    import numpy as np
    from ntklib.homework import expect
    expect('the bound for A = diag(3, 2, 1)', step_bound(np.diag([3.0, 2.0, 1.0])), 1 / 9, mistakes={'2/λ_max is the bound for a loss with a factor ½; here a step multiplies by 1 − 2hσ²': 2 / 9, 'up to 1/(2λ_max) no direction changes its sign, but larger steps converge as well': 1 / 18, 'λ_max(AᵀA) is σ_1², not σ_1': 1 / 3, 'the best step size, 1/(σ_1² + σ_ρ²), is not the largest': 1 / 10, 'all singular values count here, as in the Frobenius norm: only the largest one should': 1 / 14})

