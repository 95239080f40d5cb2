"""The figure style is found in the package and takes effect."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from bs4 import BeautifulSoup

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


def picture(**changes):
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], label="stays")
    frames = {
        str(k): [
            axes.plot([0, 1], [0, k / 3], "C1"),
            axes.bar([0, 1], [k, k]),
            axes.text(0, k, "x"),
            axes.imshow([[k]]),
        ]
        for k in range(3)
    }
    given = {"figure": figure, "frames": frames, "parameter": "slope", "alt": 'A "line" & more', "still": "1"}
    return plotting.moving_picture(**given | changes)


def test_a_moving_picture_shows_one_frame_and_hides_the_others():
    moving = picture()
    page = BeautifulSoup(moving._repr_html_(), "html.parser")
    groups = page.select("[data-frame]")
    assert len(groups) == 3 * 5  # a line, two bars, a text and an image each
    assert [group["display"] == "inline" for group in groups] == [group["data-frame"] == "1" for group in groups]
    assert len(page.select("svg use")) > 20  # ticks and letters stand still
    assert page.svg["role"] == "img"
    assert page.svg["aria-label"] == 'A "line" & more'
    assert (page.input["min"], page.input["max"], page.input["value"]) == ("0", "2", "1")
    assert page.output.text == page.input["aria-valuetext"] == "1"
    assert page.p.has_attr("hidden")
    assert not plt.get_fignums()


def test_a_moving_picture_loads_nothing_and_keeps_its_names_to_itself():
    one, other = (BeautifulSoup(picture(alt=alt)._repr_html_(), "html.parser") for alt in ("one", "other"))
    ids = [{element["id"] for element in page.select("[id]")} for page in (one, other)]
    assert not ids[0] & ids[1]
    for page, names in zip((one, other), ids, strict=True):
        assert not page.select("[src], link")
        used = {element["xlink:href"] for element in page.select("svg use")}
        clipped = {element["clip-path"] for element in page.select("[clip-path]")}
        assert used <= {f"#{name}" for name in names}
        assert clipped <= {f"url(#{name})" for name in names}
    assert picture()._repr_html_() == picture()._repr_html_()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": {}}, "frames: at least two are needed, got 0"),
        ({"still": "7"}, "still: expected one of '0', '1', '2', got '7'"),
        ({"alt": " "}, "alt: is empty"),
        ({"parameter": ""}, "parameter: is empty"),
        ({"figure": plt.Figure()}, "frames: Line2D.* of '0' is not in the figure"),
        ({"frames": {"0": [], "1": []}}, "frames: nothing belongs to '0'"),
    ],
)
def test_a_moving_picture_says_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        picture(**changes)


def test_an_artist_belongs_to_one_frame():
    figure, axes = plt.subplots()
    lines = axes.plot([0, 1], [0, 1])
    with pytest.raises(ValueError, match=r"frames: Line2D.* stands in more than one, also in 'b'"):
        plotting.moving_picture(figure, {"a": lines, "b": lines}, parameter="p", alt="alt", still="a")
