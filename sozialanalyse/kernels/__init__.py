"""Warm kernels for Jupyter; knows nothing of the rest of the package.

A kernelspec names the provisioner, the provisioner forks each kernel from a parent that has already
imported the scientific stack. :func:`install` writes the kernelspec, :func:`warm` starts the parent
ahead of the first kernel, :func:`ipc_address` helps those who start kernels without the provisioner.
"""

from .ipc import ipc_address
from .kernelspec import NAME, install, kernelspec_dir
from .parent import CannotFork
from .provisioner import ForkProvisioner, warm

__all__ = ["NAME", "CannotFork", "ForkProvisioner", "install", "ipc_address", "kernelspec_dir", "warm"]
