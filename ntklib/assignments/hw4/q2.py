from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=0, hidden=False)
def test_three_numbers_by_hand(movement, kernel_change, gap):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w[0] ** 2 * x
    w0, w, w_bar, inputs = (np.array([1.0]), np.array([1.5]), np.array([2.0]), np.array([1.0, -2.0]))
    example = 'for Φ(x, w) = w²x, w0 = 1, w = 1.5, w̄ = 2, inputs (1, −2), α = 2'
    expect(f'movement {example}', movement(w0, w), 0.5)
    expect(f'kernel_change {example}', kernel_change(phi, w0, w, inputs), 1.25)
    expect(f'gap {example}', gap(phi, w0, w, w_bar, inputs, 2.0), 3.0, mistakes={'the scale α is missing': 1.5, 'the linearization belongs to w̄, not to w': 1.0})

