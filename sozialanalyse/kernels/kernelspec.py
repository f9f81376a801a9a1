"""The kernelspec ``sozialanalyse``: ordinary ipykernel, started by our provisioner."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager, NoSuchKernel

from sozialanalyse.base import text

from . import NAME

PROVISIONER = "sozialanalyse-fork"
PRELOAD = (
    *("numpy", "pandas", "pyarrow.parquet", "scipy.stats", "shapely", "pyproj", "pyogrio", "geopandas"),
    *("sklearn.cluster", "sklearn.decomposition", "sklearn.metrics", "sklearn.mixture"),
    *("sklearn.preprocessing", "matplotlib.pyplot", "matplotlib_inline.backend_inline"),
    *("folium", "ipywidgets", "IPython.display", "pydantic", "yaml", "babel.numbers", "jinja2", "tqdm"),
    *("joblib", "openpyxl", "pyarrow.dataset", "sozialanalyse.seiten.grundlage.warm"),
)
"""What the notebooks import; importing more costs the parent time, the kernels nothing."""


def kernelspec_dir(prefix: str | os.PathLike[str] | None = None) -> Path:
    """Folder of the kernelspec below an installation prefix, by default this environment's."""
    return Path(prefix or sys.prefix) / "share" / "jupyter" / "kernels" / NAME


def kernelspec(preload: Sequence[str] = PRELOAD, **config: Any) -> dict[str, Any]:
    """Return the content of ``kernel.json``.

    Parameters
    ----------
    preload
        Modules that the warm parent imports.
    **config
        Further traits of :class:`.provisioner.ForkProvisioner`, for example ``memory_limit``.
    """
    package = Path(__file__).parents[1]
    settings = {"preload": list(preload), "watch": [str(package)], **config}
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": text("kernels.anzeigename"),
        "language": "python",
        "env": {
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # the debugger's remark in every log
            "MIMALLOC_ARENA_EAGER_COMMIT": "0",  # else Arrow's unused reserve of 1 GB counts as memory taken
        },
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": settings},
        },
    }


def install(prefix: str | os.PathLike[str] | None = None, **config: Any) -> Path:
    """Write the kernelspec, atomically and only if it differs, and return its folder.

    Parameters
    ----------
    prefix
        Installation prefix, by default this environment's. Another one is found by Jupyter through
        ``JUPYTER_PATH=<prefix>/share/jupyter``.
    **config
        See :func:`kernelspec`.
    """
    file = kernelspec_dir(prefix) / "kernel.json"
    content = json.dumps(kernelspec(**config), indent=1, ensure_ascii=False) + "\n"
    if not file.exists() or file.read_text(encoding="utf-8") != content:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(f".{os.getpid()}")
        beside.write_text(content, encoding="utf-8")
        beside.replace(file)
    return file.parent


class WarmByDefault(KernelSpecManager):
    """Kernelspecs of a server in which ``python3`` is started by our provisioner.

    Notebooks name ``python3``, so that they run where this package is not installed; a server with this
    manager opens them warm nevertheless (``--ServerApp.kernel_spec_manager_class``).
    """

    def find_kernel_specs(self) -> dict[str, str]:
        """Kernel name -> folder; that of ``python3`` is ours, once it is installed."""
        found: dict[str, str] = super().find_kernel_specs()
        return {**found, NATIVE_KERNEL_NAME: found.get(NAME, found.get(NATIVE_KERNEL_NAME, ""))}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernelspec of a name."""
        if kernel_name == NATIVE_KERNEL_NAME:
            with suppress(NoSuchKernel):
                return super().get_kernel_spec(NAME)
        return super().get_kernel_spec(kernel_name)
