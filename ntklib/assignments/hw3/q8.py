from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=0, hidden=False)
def test_a_product_by_hand(kernel_vector):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w['a'] * x ** 2 + w['b'] * x
    w0 = {'a': np.array(1.0), 'b': np.array(-1.0)}
    K_v = kernel_vector(phi, w0, np.array([2.0]), np.array([3.0, -1.0]), np.array([1.0, 10.0]))
    expect('K v for K = (42, 2) and v = (1, 10)', K_v, [62.0])

@test_case(points=0, hidden=False)
def test_a_linear_model_by_hand(function_step, step_error):
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return w * x
    step = (np.array(1.0), np.array([2.0]), np.array([5.0]), np.array([1.0]), 0.25)
    expect('the change at x = 1', function_step(phi, *step), [3.0], mistakes={'a factor 2 is missing: f is a sum of squares without ½': [1.5], 'the sign is wrong: a step goes against the gradient': [-3.0], 'the sign of y is wrong': [-7.0]})
    expect('the error for a model that is linear in w', step_error(phi, *step), [0.0], mistakes={'this is the change itself: the prediction is not subtracted': [3.0], 'the real step lacks a factor 2: f is a sum of squares without ½': [-1.5], 'the prediction lacks a factor 2: f is a sum of squares without ½': [1.5]})

@test_case(points=0, hidden=False)
def test_there_is_a_ratio(error_ratio):
    import numpy as np
    if error_ratio is None or error_ratio is Ellipsis:
        raise AssertionError('error_ratio: not answered yet')
    if np.shape(error_ratio) != ():
        raise AssertionError(f'error_ratio: expected one number, got shape {np.shape(error_ratio)}')

