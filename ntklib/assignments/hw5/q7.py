from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=0, hidden=False)
def test_flow_one_mode(flow):
    import numpy as np
    from ntklib.homework import expect
    times = np.log(2.0) / 4 * np.array([1.0, 2.0])
    answer = flow(np.array([[2.0]]), np.array([3.0]), np.array([[2.0], [4.0], [0.0]]), times)
    want = np.array([[1.5, 3.0, 0.0], [2.25, 4.5, 0.0]])
    expect('flow for one training input', answer, want, mistakes={'a factor 2 is missing in the exponent: f_lin is a sum of squares without ½': np.outer([1 - np.sqrt(0.5), 0.5], [3.0, 6.0, 0.0]), '1/λ is missing': 2 * want, 'the sign is wrong': -want})

@test_case(points=0, hidden=False)
def test_classify_two_clouds(classify):
    import numpy as np
    rng = np.random.default_rng(0)
    y = np.where(np.arange(60) % 2 == 0, 1.0, -1.0)
    X = 0.5 + 0.3 * y[:, None] * (np.arange(64) < 32) + 0.05 * rng.normal(size=(60, 64))
    answer = classify(X[:40], y[:40], X[40:])
    assert np.shape(answer) == (20,), f'classify: expected shape (20,), got {np.shape(answer)}'
    assert np.all(np.isfinite(np.asarray(answer))), 'classify: NaN or infinity among the outputs'
    assert np.all(np.sign(answer) == y[40:]), 'classify: two well separated clouds, and some points on the wrong side'
    alone = classify(X[:40], y[:40], X[40:41])
    assert np.allclose(alone, answer[:1], atol=1e-06), 'classify: the output for an image depends on the other new images'

