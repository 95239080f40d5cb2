from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=0, hidden=False)
def test_both_are_minimizers(my_A, my_b, my_limit, my_smallest):
    import numpy as np
    from ntklib.homework import expect
    for name, w in (('my_limit', my_limit), ('my_smallest', my_smallest)):
        expect(name, w, np.zeros(7), tol=np.inf)
        gradient = 2 * np.asarray(my_A).T @ (np.asarray(my_A) @ np.asarray(w) - np.asarray(my_b))
        expect(f'the gradient of f at {name}', gradient, np.zeros(7), tol=1e-08, mistakes={'it is not zero, so this is not a minimizer': gradient})

@test_case(points=0, hidden=False)
def test_both_starts_are_at_distance_one(my_w0, w_same, w_other):
    import numpy as np
    from ntklib.homework import expect
    for name, w in (('w_same', w_same), ('w_other', w_other)):
        expect(name, w, np.zeros(7), tol=np.inf)
        expect(f'the distance of {name} from my_w0', np.linalg.norm(np.asarray(w) - np.asarray(my_w0)), 1.0, tol=1e-08)

