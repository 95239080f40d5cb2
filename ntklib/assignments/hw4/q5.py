from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=0, hidden=False)
def test_shapes(scale_table, scale_exponents, alpha_lazy):
    import numpy as np
    from ntklib.homework import expect
    expect('scale_table', scale_table, np.ones((3, 4, 6)), tol=np.inf)
    expect('scale_exponents', scale_exponents, np.ones((3, 2)), tol=np.inf)
    expect('alpha_lazy', alpha_lazy, 1.0, tol=np.inf)
    table = np.asarray(scale_table)
    assert np.all(table > 0), 'scale_table: all three numbers are above 0'
    assert np.all(table[:, :, -1] < table[:, :, 2]), 'scale_table: at α = 256 all three numbers should be smaller than at α = 4; is the model centred, and its linearization in w − w0?'

