"""A forked kernel does what a fresh one does, and keeps to itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from jupyter_client.manager import KernelManager

from sozialanalyse.kernels.kernelspec import PRELOAD, kernelspec


def test_kernel_is_forked_with_the_stack_imported(stack):
    assert stack.is_forked
    stack_only = [name for name in PRELOAD if not name.startswith("sozialanalyse")]
    assert stack.run(f"import sys; print(set({stack_only!r}) - set(sys.modules))") == "set()"


RANDOM = """
import json, random, tempfile, uuid, numpy as np, scipy.stats
print(json.dumps([random.random(), np.random.rand(), scipy.stats.norm.rvs(), np.random.default_rng().random(),
                  uuid.uuid4().hex, next(tempfile._get_candidate_names())]))
"""


def test_random_streams_differ_between_kernels(kernel):
    drawn = []
    for _ in range(3):
        with kernel("stack") as session:
            drawn.append(json.loads(session.run(RANDOM)))
    for source in zip(*drawn, strict=True):
        assert len(set(source)) == 3


def test_a_seed_still_gives_the_same_numbers(stack):
    drawn = stack.run("import numpy as np; np.random.seed(5); print(np.random.rand())")
    assert float(drawn) == np.random.RandomState(5).rand()


COMPUTE = """
import io, numpy as np, pyarrow as pa, pyarrow.parquet as pq
from pyproj import Transformer
from sklearn.cluster import KMeans
rng = np.random.default_rng(1)
a = rng.normal(size=(500, 500))
largest = np.linalg.svd(a @ a.T)[1][0]
x = rng.normal(size=(2000, 5))
inertia = KMeans(4, n_init=2, random_state=0).fit(x).inertia_
buffer = io.BytesIO()
pq.write_table(pa.table({"x": x[:, 0]}), buffer)
back = pq.read_table(buffer, use_threads=True)["x"].to_numpy().sum()
east, north = Transformer.from_crs(4326, 25832, always_xy=True).transform(6.1, 50.8)
print([round(float(number), 4) for number in (largest, inertia, back, east, north)])
"""


def test_thread_pools_and_libraries_work_in_kernels_side_by_side(kernel, fresh, in_threads):
    with kernel("stack") as one, kernel("stack") as two:
        forked = in_threads(lambda session: session.run(COMPUTE), [one, two])
        assert forked == [fresh.run(COMPUTE)] * 2


@pytest.mark.langsam
def test_process_pools_work(stack):
    code = """
from joblib import Parallel, delayed
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
print(sum(Parallel(2)(delayed(abs)(-i) for i in range(4))))
with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
    print(list(pool.map(abs, [-1, -2])))
"""
    assert stack.run(code) == "6\n[1, 2]"


def test_thread_settings_of_the_environment_take_effect(kernel):
    code = "import numpy, threadpoolctl; print({p['num_threads'] for p in threadpoolctl.threadpool_info()})"
    for wanted in ("1", "2"):
        env = {**os.environ, "OPENBLAS_NUM_THREADS": wanted}
        with kernel("light", env=env) as session:
            assert session.is_forked
            assert session.run(code) == f"{{{wanted}}}"


CELLS = [
    "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.title('x')",
    "fig, ax = plt.subplots(); plt.close(fig); display(fig); 1 + 1",
    "import asyncio; await asyncio.sleep(0); 'awaited'",
    "!echo from the shell",
    "import ipywidgets; slider = ipywidgets.IntSlider(value=3); slider",
    "get_ipython().kernel.comm_manager.targets.keys() >= {'jupyter.widget', 'jupyter.widget.control'}",
    "import pandas as pd; pd.DataFrame({'a': [1]})",
    "from tqdm.auto import tqdm; print([kind.__module__ for kind in tqdm.__mro__])",
    "%config InlineBackend.figure_formats",
    "import os, sys; print('out'); print('err', file=sys.stderr)",
    "os.write(1, b'raw out\\n')",
    "import subprocess; subprocess.run(['echo', 'child']).returncode",
    "print(__name__, sys.path, sys.executable, sys.prefix, os.getcwd(), sys.flags, os.getpgrp() == os.getpid())",
    "import signal; {n: str(signal.getsignal(n)) for n in signal.valid_signals()}, signal.pthread_sigmask(0, [])",
    "open('/proc/self/status').read().split('SigIgn')[1].split()[1], sys.gettrace(), sys.stdin.read()",
    "import gc, threading, warnings; gc.isenabled(), gc.get_threshold(), threading.active_count() > 1",
    "warnings.warn('seen')",
    "In[0], type(Out).__name__, get_ipython().history_manager.enabled",
    "undefined_name",
]


def outputs(session, cell):
    """Kinds of output with what they hold; streams joined, ids and addresses left out."""
    found = {}
    for message in session.messages(cell):
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            found[content["name"]] = found.get(content["name"], "") + content["text"]
        elif kind in {"display_data", "execute_result"}:
            found[kind] = [*sorted(content["data"]), content["data"]["text/plain"]]
        elif kind == "error":
            found[kind] = [content["ename"], content["evalue"]]
        elif kind == "comm_open":
            found[kind] = [*found.get(kind, []), content["target_name"]]
    return re.sub(r"0x[0-9a-f]+|ipykernel_\d+|/\d{5,}", "…", json.dumps(found, sort_keys=True))


def test_cells_give_the_same_output_as_in_a_fresh_kernel(kernel, fresh):
    with kernel("stack") as forked:
        seen = {cell: outputs(forked, cell) for cell in CELLS}
    assert seen == {cell: outputs(fresh, cell) for cell in CELLS}
    assert "image/png" in seen[CELLS[0]]
    assert "jupyter.widget" in seen[CELLS[4]]
    assert "tqdm.notebook" in seen[CELLS[7]]
    assert all(output != "{}" for output in seen.values())


def test_widget_messages_from_the_page_arrive(stack):
    stack.run(
        "import ipywidgets; box = ipywidgets.IntText(); box.observe(lambda c: print('now', c.new), 'value')"
    )
    model = stack.run("print(box.model_id)")
    data = {"method": "update", "state": {"value": 42}, "buffer_paths": []}
    message = stack.kc.session.msg("comm_msg", {"comm_id": model, "data": data})
    stack.kc.shell_channel.send(message)
    assert stack.run("print(box.value)") == "42"


def test_working_directory_environment_and_raw_output_are_those_asked_for(kernel, tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "LANG"}
    env |= {"SOZIAL_TEST": "ä €"}
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        launch = {"cwd": str(tmp_path), "env": env, "stdout": stdout, "stderr": stderr.fileno()}
        launch["extra_arguments"] = ["--IPKernelApp.capture_fd_output=False"]
        with kernel("light", **launch) as session:
            assert session.is_forked
            assert session.run("import os; print(os.getcwd())") == str(tmp_path)
            seen = json.loads(session.run("import json; print(json.dumps(dict(os.environ)))"))
            session.run("os.write(1, b'to stdout'); os.write(2, b'to stderr'); os.system('echo child')")
    assert out.read_text() == "to stdoutchild\n"
    assert "to stderr" in err.read_text()
    added = {
        "JPY_PARENT_PID",
        "MPLBACKEND",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "TERM",
        "PAGER",
        "GIT_PAGER",
    }
    added |= {"JPY_SESSION_NAME", "PYDEVD_USE_FRAME_EVAL", *kernelspec()["env"]}
    assert {name: value for name, value in seen.items() if name not in added} == {
        name: value for name, value in env.items() if name not in added
    }


def test_a_missing_working_directory_is_the_ordinary_error(jupyter, tmp_path):
    km = KernelManager(kernel_name="light")
    with pytest.raises(FileNotFoundError):
        km.start_kernel(cwd=str(tmp_path / "nowhere"))
    km.cleanup_resources()


def test_memory_limit_ends_the_cell_not_the_kernel(kernel, make_spec):
    name = make_spec("limited", preload=["numpy.random"], memory_limit=600 * 2**20)
    for config in ({}, {"fork": False}):
        make_spec("limited", preload=["numpy.random"], memory_limit=600 * 2**20, **config)
        with kernel(name) as session:
            assert session.is_forked == (not config)
            with pytest.raises(RuntimeError, match="MemoryError"):
                session.run("x = bytearray(900 * 2**20)")
            assert session.run("x = bytearray(50 * 2**20); print(len(x))") == str(50 * 2**20)


def test_what_arrow_only_reserves_is_not_counted_as_memory(kernel, make_spec, tmp_path):
    """Its threads would not start, and the first file read would wait for them for ever."""
    name = make_spec("arrow", preload=["pandas", "pyarrow.dataset"], memory_limit=900 * 2**20)
    with kernel(name) as session:
        assert session.is_forked
        session.run(f"import pandas as pd; path = {str(tmp_path / 'a.parquet')!r}")
        session.run("pd.DataFrame({'a': range(9)}).to_parquet(path)")
        assert session.run("print(pd.read_parquet(path)['a'].sum())") == "36"


LEAVE_TRACES = """
import os, random, sys, builtins, numpy as np
np.seterr(all="raise"); np.secret = builtins.secret = "trace"; os.environ["TRACE"] = "trace"
os.chdir("/"); sys.path.append("/trace"); sys.modules["trace"] = np; random.seed(1)
"""
SEE_TRACES = """
import os, sys, builtins, numpy as np
print(hasattr(np, "secret"), hasattr(builtins, "secret"), "TRACE" in os.environ, os.getcwd() == "/",
      "/trace" in sys.path, "trace" in sys.modules, np.geterr()["divide"])
"""


def test_nothing_leaks_from_one_kernel_to_the_next(kernel):
    with kernel("light") as one:
        one.run(LEAVE_TRACES)
        assert one.run(SEE_TRACES) == "True True True True True True raise"
        with kernel("light") as two:
            assert two.parent == one.parent
            assert two.run(SEE_TRACES) == "False False False False False False warn"
    with kernel("light") as three:
        assert three.run(SEE_TRACES) == "False False False False False False warn"


def memory_holds(pid, marker):
    """Whether the writable memory of a process contains ``marker``."""
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            first, last = (int(end, 16) for end in line.split()[0].split("-"))
            if " rw" in line and "[v" not in line:
                memory.seek(first)
                if marker in memory.read(last - first):
                    return True
    return False


def test_no_user_data_in_the_parent(kernel):
    secret = f"geheim-{os.urandom(8).hex()}"
    with kernel("light", env={**os.environ, "QUERY_STRING": secret}) as session:
        assert session.run("import os; value = os.environ['QUERY_STRING']; print(value)") == secret
        assert memory_holds(session.pid, secret.encode())
        assert not memory_holds(session.parent.pid, secret.encode())
        assert "JUPYTER_PATH" not in session.parent.environ()
        assert set(session.parent.environ()) <= {*os.environ, "MPLBACKEND", *kernelspec()["env"]}


def test_kernel_holds_no_descriptor_of_parent_or_siblings(kernel):
    with kernel("light") as one, kernel("light") as two:
        of_parent = sockets(one.parent.pid)
        assert len(of_parent) == 3  # to the owner, and one status per kernel
        assert not of_parent & (sockets(one.pid) | sockets(two.pid))


def sockets(pid):
    links = (str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink())
    return {link for link in links if link.startswith("socket:")}


def test_owner_imports_nothing_of_the_stack():
    code = "import sys, sozialanalyse.kernels; print({'numpy', 'pandas', 'IPython', 'ipykernel'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_kernels_are_far_cheaper_than_fresh_ones(kernel, fresh):
    code = "import numpy, pandas, sklearn.cluster, scipy.stats"
    private = []
    with kernel("stack") as forked:
        for session in (forked, fresh):
            session.run(code)
            private.append(psutil.Process(session.pid).memory_full_info().uss)
    assert private[0] < 0.6 * private[1]
