"""Every test runs in float64, and JAX neither broadcasts ranks nor promotes dtypes by itself.

The settings hold for the whole process, so that the doctests of ntklib run under them too.
"""

import jax
import pytest
from cases import PROBLEMS, Problem, get_problem
from hypothesis import Phase, settings

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")
# here compiling takes longer than what is compiled; the notebooks run as compiled for everybody
jax.config.update("jax_disable_most_optimizations", True)

# no shrinking: every example compiles, and the problems drawn are small as they are
settings.register_profile(
    "ntklib", deadline=None, derandomize=True, max_examples=7, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("ntklib")


_SINGLE = ["embedding", "mlp, 3 outputs"]


@pytest.fixture(params=[(name, "float64") for name in PROBLEMS] + [(name, "float32") for name in _SINGLE], ids="-".join)
def problem(request: pytest.FixtureRequest) -> Problem:
    """Each of the hand-written problems in float64, and some of them in float32."""
    return get_problem(*request.param)
