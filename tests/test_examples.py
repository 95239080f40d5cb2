"""The running examples, against their definitions and against the data that scikit-learn ships."""

import numpy as np
import pytest
from cases import assert_close, without_x64
from sklearn.datasets import load_digits

from ntklib.examples import curve, digits


@pytest.mark.parametrize("m", [2, 8, 33])
def test_curve(m):
    X, y = curve(m)
    x = np.linspace(-1, 1, m)
    assert (X.dtype, y.dtype) == ("float64", "float64")
    assert_close(X, x[:, None], 1e-15)
    assert_close(y, np.sin(np.pi * x) + x / 2, 1e-15)


@pytest.mark.parametrize(("m", "error"), [(1, ValueError), (0, ValueError), (-3, ValueError), (2.5, TypeError)])
def test_curve_needs_two_points(m, error):
    with pytest.raises(error, match=r"^m: expected"):
        curve(m)


def of_classes(classes):
    """Images and labels of these classes, in scikit-learn's order."""
    pixels, labels = load_digits(return_X_y=True)
    kept = np.isin(labels, classes)
    return pixels[kept] / 16, labels[kept]


@pytest.mark.parametrize("classes", [(0, 1), (7, 3)])
def test_two_classes_are_plus_and_minus_one(classes):
    X, y, X_test, y_test = digits(classes, train=30, test=20)
    pixels, labels = of_classes(classes)
    np.testing.assert_array_equal(np.concatenate([X, X_test]), pixels[:50])
    np.testing.assert_array_equal(np.concatenate([y, y_test]), np.where(labels[:50] == classes[1], 1.0, -1.0))
    assert (len(X), len(y), len(X_test), len(y_test)) == (30, 30, 20, 20)


@pytest.mark.parametrize("classes", [(2, 0, 1), tuple(range(10))])
def test_more_classes_are_centred_one_hot_rows(classes):
    X, y, X_test, y_test = digits(classes, train=30, test=20)
    pixels, labels = of_classes(classes)
    np.testing.assert_array_equal(np.concatenate([X, X_test]), pixels[:50])
    one_hot = labels[:50, None] == np.array(classes)
    assert_close(np.concatenate([y, y_test]), one_hot - 1 / len(classes), 1e-15)
    assert_close(np.sum(y, axis=1) + 1, np.ones(30), 1e-14)
    assert (len(X), len(y), len(X_test), len(y_test)) == (30, 30, 20, 20)


def test_in_the_default_dtype_of_jax():
    assert {part.dtype.name for part in digits((0, 1), train=2, test=2)} == {"float64"}
    with without_x64():
        assert {part.dtype.name for part in (*digits((0, 1, 2), train=2, test=2), *curve())} == {"float32"}


def test_all_images_of_the_classes_can_be_had():
    available = len(of_classes((0, 1))[0])
    X, _, X_test, _ = digits((0, 1), train=available, test=0)
    assert (X.shape, X_test.shape) == ((available, 64), (0, 64))
    with pytest.raises(ValueError, match=rf"^train, test: expected 1 ≤ train and at most {available} images in all"):
        digits((0, 1), train=available, test=1)


@pytest.mark.parametrize("classes", [(), (3,), (3, 3), (0, 10), (-1, 0), ("a", "b")])
def test_bad_classes(classes):
    with pytest.raises(ValueError, match=r"^classes: expected at least two different digits of 0 to 9, got"):
        digits(classes, train=1, test=1)


@pytest.mark.parametrize(("train", "test"), [(0, 1), (-1, 5), (1, -1)])
def test_bad_numbers_of_images(train, test):
    with pytest.raises(ValueError, match=r"^train, test: expected 1 ≤ train"):
        digits((0, 1), train=train, test=test)
