"""Linearize a JAX model at its initialization, and compute the tangent kernel that comes out of it.

The functions here are the ones that the course derives; each docstring names the equation it implements.
``ntklib.plotting`` (figure style, needs matplotlib), ``ntklib.examples`` (the running examples, needs
scikit-learn for the digits), ``ntklib.ledger`` (the list of the book's equations) and ``ntklib.results`` (published
results beside the book's own) are imported by name.
"""

from ntklib.descent import Trajectory, gradient_descent
from ntklib.infinite import InfiniteKernels, infinite_kernels
from ntklib.kernel import empirical_kernel, kernel_bytes
from ntklib.least_squares import delta, features, linear_loss, loss
from ntklib.linearization import linearize, taylor_expand
from ntklib.networks import mlp
from ntklib.operator import kernel_operator, nystrom_preconditioner
from ntklib.prediction import Prediction, gradient_flow, predict_linearized
from ntklib.verification import verify, verify_bound

__version__ = "0.1.0"

__all__ = [
    "InfiniteKernels",
    "Prediction",
    "Trajectory",
    "delta",
    "empirical_kernel",
    "features",
    "gradient_descent",
    "gradient_flow",
    "infinite_kernels",
    "kernel_bytes",
    "kernel_operator",
    "linear_loss",
    "linearize",
    "loss",
    "mlp",
    "nystrom_preconditioner",
    "predict_linearized",
    "taylor_expand",
    "verify",
    "verify_bound",
]
