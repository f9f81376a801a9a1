"""Socket addresses and the kernelspec."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager

from sozialanalyse.kernels import ForkProvisioner, install, ipc, ipc_address, kernelspec_dir
from sozialanalyse.kernels.kernelspec import PRELOAD, WarmByDefault


def test_addresses_are_unique_private_and_short():
    addresses = {ipc_address() for _ in range(1000)}
    assert len(addresses) == 1000
    folder = Path(addresses.pop()).parent
    found = folder.lstat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, os.getuid())
    assert len(ipc_address() + "-5") < 108


def test_a_long_temporary_folder_is_avoided(tmp_path, monkeypatch):
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr(ipc.tempfile, "tempdir", str(deep))
    folder = ipc._folder.__wrapped__(os.getpid())
    assert folder.parent == Path("/tmp")
    ipc._remove(folder, os.getpid() + 1)
    assert folder.exists()
    ipc._remove(folder, os.getpid())
    assert not folder.exists()


@pytest.fixture
def short_path():
    """A temporary folder with a name short enough for sockets."""
    with TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_folders_of_the_dead_are_swept_and_those_of_the_living_kept(short_path):
    code = f"""
import os, sys; os.environ["XDG_RUNTIME_DIR"] = {str(short_path)!r}
from sozialanalyse.kernels import ipc_address; print(os.path.dirname(ipc_address()), flush=True); sys.stdin.read()
os._exit(0)"""
    command = [sys.executable, "-c", code]
    owners = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True) for _ in range(2)]
    dead, living = (Path(owner.stdout.readline().strip()) for owner in owners)
    owners[0].communicate()
    (dead / "0123456789ab-1").touch()
    foreign = short_path / "kernel-ipc-of-somebody"
    foreign.symlink_to(short_path)
    ipc.sweep(short_path)
    assert dead.exists()  # too young
    ipc.sweep(short_path, older_than=-1)
    assert not dead.exists()
    assert living.exists()
    assert short_path.exists()
    owners[1].communicate()


def test_ipc_is_used_unless_an_address_is_configured(jupyter):
    async def prepared(**config):
        km = KernelManager(kernel_name="light", **config)
        km.provisioner = ForkProvisioner(kernel_spec=km.kernel_spec, parent=km)
        await km.provisioner.pre_launch(env={})
        km.cleanup_connection_file()
        return km

    unset = asyncio.run(prepared())
    assert (unset.transport, Path(unset.ip).parent) == ("ipc", Path(ipc_address()).parent)
    bare = asyncio.run(prepared(transport="ipc"))
    assert bare.ip != "kernel-ipc"
    assert asyncio.run(prepared(ip="0.0.0.0")).transport == "tcp"
    assert asyncio.run(prepared(transport="ipc", ip="eigener-pfad")).ip == "eigener-pfad"
    fixed = asyncio.run(prepared(shell_port=5555))
    assert fixed.transport == "tcp"


def test_install_writes_a_kernelspec_that_jupyter_finds(tmp_path):
    folder = install(tmp_path, memory_limit=5)
    assert folder == kernelspec_dir(tmp_path) == tmp_path / "share/jupyter/kernels/sozialanalyse"
    spec = KernelSpecManager(kernel_dirs=[str(folder.parent)]).get_kernel_spec("sozialanalyse")
    assert spec.display_name == "Sozialanalyse (warm gestartet)"
    assert spec.argv[:3] == [sys.executable, "-m", "ipykernel_launcher"]
    chosen = spec.metadata["kernel_provisioner"]
    assert chosen["provisioner_name"] == "sozialanalyse-fork"
    assert chosen["config"]["memory_limit"] == 5
    assert chosen["config"]["preload"] == list(PRELOAD)
    assert set(chosen["config"]) <= set(ForkProvisioner.class_traits(config=True))


def test_install_again_writes_only_what_differs(tmp_path):
    file = install(tmp_path) / "kernel.json"
    before = file.stat()
    assert install(tmp_path) == file.parent
    assert file.stat() == before
    install(tmp_path, preload=["numpy"])
    assert json.loads(file.read_text(encoding="utf-8"))["metadata"]["kernel_provisioner"]["config"][
        "preload"
    ] == ["numpy"]
    assert [entry.name for entry in file.parent.iterdir()] == ["kernel.json"]


def test_kernelspec_of_this_environment_is_the_default():
    assert kernelspec_dir() == Path(sys.prefix) / "share/jupyter/kernels/sozialanalyse"


def test_a_server_may_start_ordinary_notebooks_warm(tmp_path):
    folder = install(tmp_path)
    ours = WarmByDefault(kernel_dirs=[str(folder.parent)])
    assert (
        ours.get_kernel_spec("python3").metadata["kernel_provisioner"]["provisioner_name"]
        == "sozialanalyse-fork"
    )
    assert ours.find_kernel_specs()["python3"] == str(folder)
    assert ours.get_all_specs()["python3"]["spec"]["display_name"] == "Sozialanalyse (warm gestartet)"
    without = WarmByDefault(kernel_dirs=[str(tmp_path)])
    assert (
        without.get_kernel_spec("python3").display_name
        == KernelSpecManager().get_kernel_spec("python3").display_name
    )
    with pytest.raises(NoSuchKernel):
        without.get_kernel_spec("sozialanalyse")
