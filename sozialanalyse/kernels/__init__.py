"""Warm kernels for Jupyter; knows nothing of the rest of the package.

A kernelspec names the provisioner, the provisioner forks each kernel from a parent that has already
imported the scientific stack. :func:`install` writes the kernelspec, :func:`warm` starts the parent
ahead of the first kernel. :func:`ipc_address` and :class:`PromptKernelClient` help those who run notebooks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import NO_HISTORY, PromptKernelClient
    from .ipc import ipc_address
    from .kernelspec import install, kernelspec_dir
    from .parent import CannotFork
    from .provisioner import ForkProvisioner, warm

__all__ = [
    "NAME",
    "NO_HISTORY",
    "CannotFork",
    "ForkProvisioner",
    "PromptKernelClient",
    "install",
    "ipc_address",
    "kernelspec_dir",
    "warm",
]

NAME = "sozialanalyse"
"""Name of the kernelspec."""

_MODULES = {
    **{"CannotFork": "parent", "ForkProvisioner": "provisioner", "install": "kernelspec"},
    **{"ipc_address": "ipc", "kernelspec_dir": "kernelspec", "warm": "provisioner"},
    **{"NO_HISTORY": "client", "PromptKernelClient": "client"},
}


def __getattr__(name: str) -> Any:
    """Everything but the name loads Jupyter's client; whoever starts no kernel does not wait for it."""
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
