"""Public name of the variance analyses, see :mod:`sozialanalyse.analyse.variance`."""

from sozialanalyse.analyse.variance import *  # noqa: F403
from sozialanalyse.analyse.variance import __all__ as __all__
