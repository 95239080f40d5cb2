from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=0, hidden=False)
def test_two_outputs(kernel_outputs):
    import jax.numpy as jnp
    import numpy as np
    from ntklib.homework import expect

    def phi(w, x):
        return jnp.stack([w[0] * x, w[0] * w[1]])
    K = kernel_outputs(phi, np.array([2.0, 3.0]), np.array([1.0]), np.array([2.0]))
    expect('K of the inputs 1 and 2', K, [[[[2.0, 3.0], [6.0, 13.0]]]], mistakes={"a and b are exchanged: a belongs to x, b to x'": [[[[2.0, 6.0], [3.0, 13.0]]]]})

@test_case(points=0, hidden=False)
def test_one_input_each(trace, diagonal, as_matrix):
    import numpy as np
    from ntklib.homework import expect
    K = np.array([[[[2.0, 3.0], [6.0, 13.0]]]])
    expect('the trace', trace(K), [[15.0]], mistakes={'the outputs were averaged; the trace is a sum': [[7.5]], 'only pairs with a = b belong to the trace': [[24.0]]})
    expect('the diagonal', diagonal(K), [[[2.0, 13.0]]])
    expect('the matrix', as_matrix(K), [[2.0, 3.0], [6.0, 13.0]])

