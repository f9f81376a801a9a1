"""Public door to the types of similar areas: everything ``analyse.clusters`` hands on."""

from sozialanalyse.analyse.clusters import *  # noqa: F403
