from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=0, hidden=False)
def test_one_step_by_hand(train):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w[0] ** 2 * x
    w = train(phi, np.array([1.0]), np.array([1.0]), np.array([1.0]), 4.0, 0.1, 1)
    expect('train, one step for Φ(x, w) = w²x with w0 = 1, X = (1), y = (1), α = 4, h = 0.1', w, [1.1], mistakes={'a factor 2 is missing: f is a sum of squares without ½': [1.05], 'the step size is h/α², not h': [2.6], 'the step size is h/α², not h/α': [1.4], "the Jacobian of Φ_α is α J: the chain rule's α is missing": [1.025], 'the model is not centred: subtract Φ(x, w0)': [0.7], 'the sign of y is wrong, or you climb': [0.9]})

@test_case(points=0, hidden=False)
def test_two_steps_of_the_linearization_by_hand(train_linearized):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w[0] ** 2 * x
    w = train_linearized(phi, np.array([1.0]), np.array([1.0]), np.array([1.0]), 4.0, 0.1, 2)
    expect('train_linearized, two steps for Φ(x, w) = w²x with w0 = 1, X = (1), y = (1), α = 4, h = 0.1', w, [1.12], mistakes={'a factor 2 is missing: f is a sum of squares without ½': [1.08], 'this is the model itself: its linearization keeps the gradients at w0': [1.1176], 'the w0 term is forgotten: the linearization is in w − w0, not in w': [0.16]})

@test_case(points=0, hidden=False)
def test_large_outputs_are_small_targets(train):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w[0] ** 2 * x + w[1] * w[0]
    w0, X, y = (np.array([1.0, -0.5]), np.array([1.0, 2.0]), np.array([0.3, -0.2]))
    expect('train with targets 8y at α = 8, beside targets y at α = 1', train(phi, w0, X, 8 * y, 8.0, 0.01, 3), train(phi, w0, X, y, 1.0, 0.01, 3))

