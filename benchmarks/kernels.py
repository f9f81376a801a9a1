"""Kernels forked from the warm parent against fresh ones: time until the stack is ready, and memory.

    python benchmarks/kernels.py [--runs 5] [--at-once 10 60] [--fresh-at-once 10]

Prints the machine and a Markdown table with median and range. Every start ends only when the five
big imports have been answered. A fresh kernel is awaited by Jupyter's own client, which then waits for
0.2 s of silence; a forked one by ours, as the batch and the web service do. One row shows both by ours.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from jupyter_client.manager import AsyncKernelManager

from sozialanalyse.kernels import PromptKernelClient, install, warm

IMPORTS = "import numpy, pandas, geopandas, sklearn.cluster, folium"


def manager(name: str, prompt: bool = False) -> AsyncKernelManager:
    """Manager of a kernel; forked ones are awaited by our client, fresh ones only if it is wanted."""
    km = AsyncKernelManager(kernel_name=name)
    if prompt or name != "fresh":
        km.client_factory = PromptKernelClient
    return km


async def ready(name: str, prompt: bool = False) -> tuple[AsyncKernelManager, float, float]:
    """Start one kernel, do the imports; return it, its private memory in MB, its processor seconds."""
    km = manager(name, prompt)
    await km.start_kernel()
    kc = km.client()
    kc.start_channels()
    await kc.wait_for_ready(timeout=300)
    reply = await kc._async_execute_interactive(IMPORTS, timeout=300, output_hook=lambda message: None)
    assert reply["content"]["status"] == "ok", reply
    kc.stop_channels()
    process = psutil.Process(km.provisioner.pid)
    return km, process.memory_full_info().uss / 2**20, sum(process.cpu_times()[:2])


async def at_once(name: str, count: int, prompt: bool = False) -> dict[str, float]:
    """Start ``count`` kernels together; seconds until the last is ready, memory, seconds to end one."""
    free = psutil.virtual_memory().available
    began = time.perf_counter()
    kernels = await asyncio.gather(*(ready(name, prompt) for _ in range(count)))
    seconds = time.perf_counter() - began
    system = (free - psutil.virtual_memory().available) / 2**20 / count
    began = time.perf_counter()
    await asyncio.gather(*(km.shutdown_kernel() for km, *_ in kernels))
    end = time.perf_counter() - began
    cpu = statistics.median(cpu for *_, cpu in kernels)
    return {
        "cpu": cpu,
        "s": seconds,
        "uss": statistics.median(uss for _, uss, _ in kernels),
        "system": system,
        "end": end,
    }


async def restart(name: str) -> float:
    """Seconds from the wish to restart until the kernel answers."""
    km, *_ = await ready(name)
    began = time.perf_counter()
    await km.restart_kernel(now=True)
    kc = km.client()
    kc.start_channels()
    await kc.wait_for_ready(timeout=300)
    seconds = time.perf_counter() - began
    kc.stop_channels()
    await km.shutdown_kernel(now=True)
    return seconds


def spread(values: list[float], digits: int = 2) -> str:
    """Median and range, as a cell of the table."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def repeat(runs: int, action: Callable[[], Awaitable[dict[str, float]]]) -> dict[str, list[float]]:
    """Run an asynchronous measurement several times and collect its figures by name."""

    async def all_runs() -> list[dict[str, float]]:
        return [await action() for _ in range(runs)]

    results = asyncio.run(all_runs())
    return {key: [result[key] for result in results] for key in results[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--at-once", type=int, nargs="*", default=[10, 60])
    parser.add_argument("--fresh-at-once", type=int, nargs="*", default=[10])
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_PATH"] = str(Path(folder) / "share/jupyter")
        os.environ["IPYTHONDIR"] = folder
        forked = install(folder)
        fresh = forked.with_name("fresh")
        forked.rename(fresh)
        text = (fresh / "kernel.json").read_text(encoding="utf-8")
        (fresh / "kernel.json").write_text(
            text.replace('"config": {', '"config": {"fork": false,'), encoding="utf-8"
        )
        install(folder)

        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, ", end="")
        print(f"{psutil.virtual_memory().total / 2**30:.0f} GiB, load {os.getloadavg()[0]:.1f}\n")
        rows = [("parent ready, once per server (s)", "-", f"{warm(timeout=120):.2f}")]
        parents = psutil.Process().children()
        rows.append(("parent, private memory (MB)", "-", f"{parents[0].memory_full_info().uss / 2**20:.0f}"))

        one = {
            name: repeat(options.runs, lambda name=name: at_once(name, 1))
            for name in ("fresh", "sozialanalyse")
        }
        for label, key, digits in (
            ("ready + five imports (s)", "s", 2),
            ("processor time of it (s)", "cpu", 2),
            ("private memory, idle after imports (MB)", "uss", 0),
            ("polite shutdown (s)", "end", 2),
        ):
            rows.append((label, spread(one["fresh"][key], digits), spread(one["sozialanalyse"][key], digits)))
        prompt = repeat(options.runs, lambda: at_once("fresh", 1, prompt=True))["s"]
        rows.append(
            ("the same, both awaited by our client (s)", spread(prompt), spread(one["sozialanalyse"]["s"]))
        )

        async def restarted(name: str) -> dict[str, float]:
            return {"s": await restart(name)}

        again = [
            repeat(options.runs, lambda name=name: restarted(name))["s"]
            for name in ("fresh", "sozialanalyse")
        ]
        rows.append(("restart until it answers (s)", *map(spread, again)))
        for count in options.at_once:
            many = repeat(options.runs, lambda count=count: at_once("sozialanalyse", count))
            slow = (
                repeat(options.runs, lambda count=count: at_once("fresh", count))
                if count in options.fresh_at_once
                else {}
            )
            for label, key, digits in (
                ("until the last is ready (s)", "s", 2),
                ("system memory each (MB)", "system", 0),
            ):
                rows.append(
                    (
                        f"{count} at once, {label}",
                        spread(slow[key], digits) if slow else "-",
                        spread(many[key], digits),
                    )
                )

        print(f"| n = {options.runs}: median (range) | fresh | forked |\n|---|---|---|")
        for row in rows:
            print("| " + " | ".join(row) + " |")
        gain = statistics.median(one["fresh"]["s"]) / statistics.median(one["sozialanalyse"]["s"])
        print(f"\nReady with the imports {gain:.1f} times faster.")


if __name__ == "__main__":
    main()
