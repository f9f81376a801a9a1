"""The Jupyter kernel provisioner that forks kernels from a warm parent.

Named by a kernelspec (see :mod:`.kernelspec`), so papermill, nbclient, Voila and JupyterLab use it
unchanged. Where a fork is impossible or unsafe the kernel starts in the ordinary way and the log
says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from pathlib import Path
from string import Template
from subprocess import DEVNULL, TimeoutExpired
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Float, Integer, List, Unicode

from .ipc import ipc_address
from .parent import CannotFork, ForkedProcess, Recipe, import_time, with_parent

if sys.platform != "win32":
    import resource


UNSET = {"127.0.0.1", "kernel-ipc"}
"""Addresses that jupyter_client takes where none was configured."""


class ForkProvisioner(LocalProvisioner):
    """Local kernels, forked where possible.

    The traits are set in the kernelspec, ``metadata.kernel_provisioner.config``. Once a kernel
    runs, everything but its launch is inherited: :class:`.parent.ForkedProcess` stands in for the
    ``Popen`` object.
    """

    fork = Bool(True, config=True, help="False: always start kernels in the ordinary way.")
    preload = List(Unicode(), config=True, help="Modules that the parent imports.")
    watch = List(Unicode(), config=True, help="Further files and folders whose change renews the parent.")
    start_timeout = Float(30, config=True, help="Seconds to wait for a parent that is still importing.")
    idle_timeout = Float(1800, config=True, help="Seconds after which a parent without kernels ends.")
    memory_limit = Integer(0, config=True, help="Bytes of private memory per kernel process, 0: no limit.")
    ipc = Bool(True, config=True, help="Use the ipc transport unless an address was configured.")

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Give the kernel a socket address of its own before the connection file is written."""
        km: Any = self.parent
        if self.ipc and km and sys.platform != "win32" and not any(km.ports) and km.ip in UNSET:
            km.transport, km.ip = "ipc", ipc_address()
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, or start one in the ordinary way and log why."""
        try:
            process: Any = await asyncio.to_thread(self._fork, cmd, kwargs)
            self.process, self.pid, self.pgid = process, process.pid, process.pid
            self.cwd = kwargs.get("cwd") or Path.cwd()
        except CannotFork as reason:
            self.log.warning("Kernel %s starts in the ordinary way: %s", self.kernel_id, reason)
            await super().launch_kernel(cmd, **kwargs)
        self._limit_memory()
        return self.connection_info

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> ForkedProcess:
        recipe, arguments = self.recipe(cmd, kwargs["env"])
        folder = Path(kwargs.get("cwd") or ".").absolute()
        if kwargs.get("independent"):
            raise CannotFork("it is to outlive its owner")
        if not os.access(folder, os.X_OK):
            raise CannotFork(f"no access to the folder {folder}")
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            out, err = _descriptor(kwargs.get("stdout"), 1, null), _descriptor(kwargs.get("stderr"), 2, null)
            request = [arguments, kwargs["env"], str(folder)]
            return with_parent(recipe, lambda p: p.fork(request, out, err, self.start_timeout), self.log)
        finally:
            os.close(null)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and wait for that; its manager would look only every tenth of a second."""
        await super().kill(restart)
        if isinstance(self.process, ForkedProcess):
            with contextlib.suppress(TimeoutExpired):
                await asyncio.to_thread(self.process.wait, 1)

    def recipe(self, cmd: list[str], env: dict[str, str]) -> tuple[Recipe, list[str]]:
        """Return what a parent must be like for a command, and the arguments of the kernel.

        Raises
        ------
        CannotFork
            If forking is switched off, this system cannot do it, or the command is no ipykernel.
        """
        if not self.fork:
            raise CannotFork("forking is switched off")
        if sys.platform != "linux" or not all(hasattr(os, name) for name in ("fork", "pidfd_open")):
            raise CannotFork(f"no safe fork on {sys.platform}")
        if "ipykernel_launcher" not in cmd or cmd[cmd.index("ipykernel_launcher") - 1] != "-m":
            raise CannotFork("the command does not run ipykernel_launcher")
        place = cmd.index("ipykernel_launcher")
        recipe = Recipe(
            python=tuple(cmd[: place - 1]),
            preload=tuple(self.preload),
            watch=tuple(self.watch),
            idle_timeout=self.idle_timeout,
            environment=import_time(env),
        )
        return recipe, cmd[place + 1 :]

    def _limit_memory(self) -> None:
        """Bound the private writable memory; unlike the address space it does not count code and maps."""
        if self.memory_limit and sys.platform != "linux":
            self.log.warning("Kernel %s: no memory limit on %s", self.kernel_id, sys.platform)
        elif self.memory_limit and self.pid:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(self.pid, resource.RLIMIT_DATA, (self.memory_limit,) * 2)


def _descriptor(stream: Any, usual: int, null: int) -> int:
    if stream is None or stream == DEVNULL:
        return usual if stream is None else null
    number = stream if isinstance(stream, int) else stream.fileno()
    if number < 0:
        raise CannotFork("its output goes to a pipe that only an ordinary start makes")
    return int(number)


def warm(kernel_name: str = "sozialanalyse", timeout: float = 60) -> float:
    """Start the parent of a kernelspec ahead of the first kernel, or renew it, and wait for it.

    Returns
    -------
    float
        Seconds until it was ready.

    Raises
    ------
    CannotFork
        If kernels of this name will start in the ordinary way; the text says why.
    jupyter_client.kernelspec.NoSuchKernel
        If there is no kernelspec of this name.
    """
    began = time.monotonic()
    km = KernelManager(kernel_name=kernel_name)
    spec: Any = km.kernel_spec
    provisioner = KernelProvisionerFactory.instance().create_provisioner_instance("", spec, parent=km)
    if not isinstance(provisioner, ForkProvisioner):
        raise CannotFork(f"the kernel {kernel_name} names another provisioner")
    env = dict(os.environ)
    env |= {name: Template(value).safe_substitute(env) for name, value in spec.env.items()}
    recipe, _ = provisioner.recipe(km.format_kernel_cmd(), env)
    with_parent(recipe, lambda parent: parent.ping(timeout), provisioner.log)
    return time.monotonic() - began
