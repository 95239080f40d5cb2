from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=0, hidden=False)
def test_four_points(spectrum):
    import numpy as np
    from ntklib.homework import expect
    expect('Λ of four points', spectrum(np.array([3.0, 1.0, 0.0, 1.0])), [5.0, 3.0, 1.0], mistakes={'these are the eigenvalues of K/m': [1.25, 0.75, 0.25], 'sorted by size, smallest first: they belong in the order of the frequencies': [1.0, 3.0, 5.0]})

@test_case(points=0, hidden=False)
def test_three_waves(steps_to_learn):
    import numpy as np
    from ntklib.homework import expect
    answer = steps_to_learn(np.array([0.25, 1e-17]), 1.0, 0.2)
    assert np.shape(answer) == (2,), f'steps_to_learn: expected shape (2,), got {np.shape(answer)}'
    expect('τ of a wave of which a half is left after each step', answer[0], 3.0, mistakes={'a factor 2 is missing: f_lin is a sum of squares without ½': 6.0, '2 steps: either rounded down, or ε of the loss and not of the residual': 2.0})
    assert np.isinf(answer[1]), 'τ: a wave with eigenvalue zero is never learnt'

