"""The figure style is found in the package and takes effect."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from ntklib import plotting

OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


@pytest.fixture(autouse=True)
def _own_settings():
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.use("agg")
        yield


def test_use_style():
    assert not plt.rcParams["axes.grid"]
    plotting.use_style()
    assert plt.rcParams["axes.grid"]
    assert ["#" + color.lstrip("#").upper() for color in mpl.rcParams["axes.prop_cycle"].by_key()["color"]] == OKABE_ITO
    assert mpl.rcParams["image.cmap"] == "cividis"


def test_a_figure_in_the_style_draws():
    plotting.use_style()
    figure, axes = plt.subplots()
    axes.plot([0, 1], [1, 2], label=r"$\Phi_{\mathrm{lin}}$")
    axes.legend()
    figure.canvas.draw()  # any warning, as about a missing glyph, is an error
    assert figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert axes.lines[0].get_color() == "#0072B2"
    plt.close(figure)
