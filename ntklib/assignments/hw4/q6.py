from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=0, hidden=False)
def test_shapes(width_table, width_exponents):
    import numpy as np
    from ntklib.homework import expect
    expect('width_table', width_table, np.ones((2, 6, 3)), tol=np.inf)
    expect('width_exponents', width_exponents, np.ones((2, 2)), tol=np.inf)
    assert np.all(np.asarray(width_table) > 0), 'width_table: the relative change of a kernel is above 0'

