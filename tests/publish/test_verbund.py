"""The batch on a real Dask cluster in processes of its own, and into a real object store."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from test_runs import Plan, ablage, lauf, leichter_kern, notebooks, plane  # noqa: F401

from sozialanalyse.base.errors import LaufFehler
from sozialanalyse.publish import arbeit, batch, kern, runs, verbund
from sozialanalyse.publish import protokolltafel as protokolle
from sozialanalyse.publish.ablage import Ablage

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.langsam,
    pytest.mark.skipif(sys.platform == "win32", reason="kernels are killed by signals"),
    pytest.mark.filterwarnings("default"),  # Dask's and boto's own
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()  # an orderly end takes each of them seconds, and nobody looks
        process.wait()


def listens(address: str) -> bool:
    host, port = address.removeprefix("tcp://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not start"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, leichter_kern: None, bucket: str) -> Iterator[str]:  # noqa: F811
    """A scheduler and two workers, three processes."""
    folder, address = tmp_path_factory.mktemp("dask"), f"tcp://127.0.0.1:{free_port()}"
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
    ]
    own = {"PYTHONPATH": str(Path(__file__).parent)}
    with ExitStack() as stack:
        stack.enter_context(running(scheduler, folder / "scheduler", **own))
        wait_for(lambda: listens(address))
        for number in range(2):
            command = [*worker, "--local-directory", str(folder / str(number)), "--name", f"w{number}"]
            stack.enter_context(running(command, folder / f"worker{number}", **own))
        with verbund.oeffne(address) as (executor, _):
            wait_for(lambda: len(executor._client.nthreads()) == 2)
        yield address


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket in moto's server, an object store that speaks S3."""
    pytest.importorskip("s3fs")
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]

    def answers() -> bool:
        try:
            return urllib.request.urlopen(endpoint, timeout=2).status == 200
        except OSError:
            return False

    access = {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, running(command, tmp_path_factory.mktemp("s3") / "log"):
        for name, value in access.items():
            patch.setenv(name, value)
        wait_for(answers)
        import s3fs

        s3fs.S3FileSystem(endpoint_url=endpoint, key="test", secret="test").mkdir("berichte")
        yield "s3://berichte/kreis"


def test_the_store_behaves_like_a_folder(bucket: str, tmp_path: Path) -> None:
    for place in (Ablage(bucket + "/probe"), Ablage(tmp_path)):
        place.pruefe()
        assert (place.lies("a/b.json"), place.hat("a/b.json"), place.namen()) == (None, False, set())
        place.schreibe("a/b.json", "alt")
        place.schreibe("a/b.json", "für alle")
        place.schreibe("c.bin", b"\x00\xff")
        assert (place.lies("a/b.json"), place.hat("a/b.json")) == ("für alle", True)
        assert place.namen() == {"a/b.json", "c.bin"}
        assert place.namen("a") == {"a/b.json"}
        assert place.lies_alle(["a/b.json", "fehlt"]) == {"a/b.json": "für alle"}
        place.loesche("a/b.json")
        place.loesche("a/b.json")
        assert place.namen() == {"c.bin"}


def test_a_bucket_that_does_not_exist(bucket: str) -> None:
    with pytest.raises(LaufFehler, match="Nach s3://gibt-es-nicht/x lässt sich nicht schreiben"):
        batch._writable(Ablage("s3://gibt-es-nicht/x"))


def test_workers_make_reports_and_write_them_to_the_store(cluster: str, bucket: str, plane: Plan) -> None:  # noqa: F811
    """Two workers in processes of their own, results straight into the bucket, one failure among them."""
    place = Ablage(bucket)
    wanted = [lauf(f"lauf{number}", typen=2 + number) for number in range(4)] + [
        lauf("fehler", sozialraum="fehler")
    ]
    todo, _ = plane(wanted, ablage=place, schreibt_selbst=True)
    with verbund.oeffne(cluster) as (executor, workers):
        assert workers == 2
        records = arbeit.fuehre_aus(todo, ablage=place, jobs=workers, executor=executor, arbeit=auf_rechner)
    assert [r.satz for r in records if r.status == "fehler" and r.name != "fehler"] == []
    assert sorted(r.name for r in records if r.status == "fertig") == [f"lauf{number}" for number in range(4)]
    assert "Zum Gebiet gibt es keine Werte." in next(r.fehler for r in records if r.status == "fehler")
    assert "<p>&#x27;&#x27; 5 neuester</p>" in place.lies("oeffentlich/cluster/lauf3.html").replace(
        "'", "&#x27;"
    )
    table = protokolle.tabelle(place)
    assert sorted(table["name"]) == ["fehler", *(f"lauf{number}" for number in range(4))]
    assert {row["typen"] for row in table.loc[table["status"] == "fertig", "ergebnis"]} == {2, 3, 4, 5}
    todo, current = plane(wanted, ablage=place)
    assert [order.lauf.name for order in todo] == ["fehler"]
    assert len(current) == 4


def test_results_come_back_where_workers_cannot_write(cluster: str, plane: Plan, ablage: Ablage) -> None:  # noqa: F811
    with verbund.oeffne(cluster) as (executor, workers):
        todo = plane([lauf("a"), lauf("b")])[0]
        records = arbeit.fuehre_aus(todo, ablage=ablage, jobs=workers, executor=executor, arbeit=auf_rechner)
    assert {record.status for record in records} == {"fertig"}
    assert {
        "oeffentlich/cluster/a.html",
        "oeffentlich/cluster/a.ipynb",
        "oeffentlich/cluster/a.json",
    } <= ablage.namen()


def test_a_worker_of_another_state_refuses(cluster: str, plane: Plan, ablage: Ablage) -> None:  # noqa: F811
    order = plane([lauf("a")])[0][0]
    other = runs.Auftrag(**{**order.__dict__, "fingerabdruck": {**order.fingerabdruck, "umgebung": "x"}})
    with verbund.oeffne(cluster) as (executor, _):
        record = arbeit.fuehre_aus([other], ablage=ablage, executor=executor, arbeit=batch.auf_rechner)[0]
    assert "ein anderer Stand installiert (Umgebung)" in record.fehler
    assert "requirements.lock" in record.abhilfe
    assert json.loads(json.dumps(asdict(record)))["status"] == "fehler"


def test_nobody_answers() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verbund, "WARTEN", 1)
        with (
            pytest.raises(LaufFehler, match="antwortet kein Dask-Scheduler"),
            verbund.oeffne(f"tcp://127.0.0.1:{free_port()}"),
        ):
            pass


def auf_rechner(auftrag: runs.Auftrag) -> arbeit.Bericht:
    """As the batch does it, with the light kernel of the tests."""
    kern.bereite, before = (lambda: "sozialanalyse"), kern.bereite
    try:
        return batch.auf_rechner(auftrag)
    finally:
        kern.bereite = before
