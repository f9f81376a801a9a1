"""papermill, nbclient and the Jupyter server use the kernels unchanged, also from many threads at once."""

from __future__ import annotations

import asyncio
import os

import nbformat
import papermill
import psutil
import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

CODE = "import os, numpy as np; print(os.getpid(), os.getppid(), ags, np.random.rand())"


def notebook(*cells):
    found = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    found.cells[0].metadata["tags"] = ["parameters"]
    found.metadata["kernelspec"] = {"name": "light", "language": "python", "display_name": "Light"}
    return found


def printed(executed):
    return "".join(
        output.text for cell in executed.cells for output in cell.outputs if "text" in output
    ).split()


def test_papermill_in_threads(jupyter, in_threads, tmp_path):
    source = tmp_path / "source.ipynb"
    nbformat.write(notebook("ags = 'none'", CODE), source)

    def execute(number):
        options = {"progress_bar": False, "parameters": {"ags": f"0{number}"}}
        return printed(papermill.execute_notebook(str(source), str(tmp_path / f"{number}.ipynb"), **options))

    kernels, parents, ags, drawn = zip(*in_threads(execute, range(6)), strict=True)
    assert len(set(kernels)) == len(set(drawn)) == 6
    assert len(set(parents)) == 1
    assert parents[0] != str(os.getpid())
    assert ags == tuple(f"0{number}" for number in range(6))


def test_nbclient_in_one_event_loop(jupyter):
    async def together():
        books = [notebook("ags = 1", CODE) for _ in range(4)]
        return await asyncio.gather(
            *(NotebookClient(book, kernel_name="light").async_execute() for book in books)
        )

    results = [printed(book) for book in asyncio.run(together())]
    assert len({result[0] for result in results}) == 4
    assert len({result[1] for result in results}) == 1


def test_nbclient_sees_a_dead_kernel(jupyter):
    with pytest.raises(DeadKernelError):
        NotebookClient(notebook("import os; os._exit(1)"), kernel_name="light").execute()


def test_jupyter_server_starts_restarts_culls_and_shuts_down(jupyter, tmp_path):
    async def life():
        manager = AsyncMappingKernelManager(root_dir=str(tmp_path))
        first = await manager.start_kernel(kernel_name="light", path="/")
        second = await manager.start_kernel(
            kernel_name="light", env={**os.environ, "QUERY_STRING": "ags=05334002"}
        )
        pids = {key: manager.get_kernel(key).provisioner.pid for key in (first, second)}
        parents = {psutil.Process(pid).ppid() for pid in pids.values()}
        assert manager.get_kernel(first).transport == "ipc"
        await manager.restart_kernel(first, now=True)
        restarted = manager.get_kernel(first).provisioner.pid
        assert restarted != pids[first]
        await manager.interrupt_kernel(second)
        assert await manager.get_kernel(second).is_alive()
        await manager.shutdown_all(now=True)
        return len(parents), [psutil.pid_exists(pid) for pid in (*pids.values(), restarted)]

    assert asyncio.run(life()) == (1, [False, False, False])


@pytest.mark.langsam
def test_many_kernels_at_once_and_none_left_over(kernel, in_threads):
    def one(number):
        with kernel("light") as session:
            return session.pid, session.run(f"import numpy as np; print({number}, np.random.rand())").split()

    with kernel("light") as keeper:
        for _ in range(5):
            results = in_threads(one, range(24))
            assert [int(printed[0]) for _, printed in results] == list(range(24))
            assert len({printed[1] for _, printed in results}) == 24
        assert [child.pid for child in keeper.parent.children()] == [keeper.pid]
