"""The client that begins as soon as its kernel answers."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from jupyter_client.manager import AsyncKernelManager

from sozialanalyse.kernels import PromptKernelClient


def test_prompt_client_hears_everything_from_the_first_request_on(tmp_path, monkeypatch):
    """Not waiting for silence loses no output: what the first request prints arrives whole."""

    async def first_words() -> list[str]:
        km = AsyncKernelManager(kernel_name=NATIVE_KERNEL_NAME, client_factory=PromptKernelClient)
        await km.start_kernel()
        client = km.client()
        client.start_channels()
        heard: list[str] = []
        try:
            await client.wait_for_ready(timeout=60)
            reply = await client._async_execute_interactive(
                "for n in range(100): print(n, flush=True)",
                output_hook=lambda message: heard.append(message["content"].get("text", "")),
                timeout=60,
            )
            assert reply["content"]["status"] == "ok"
        finally:
            client.stop_channels()
            await km.shutdown_kernel(now=True)
        return heard

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    for _ in range(3):
        assert "".join(asyncio.run(first_words())).split() == [str(n) for n in range(100)]


def test_prompt_client_tells_of_a_kernel_that_never_answers(tmp_path, monkeypatch):
    """Dead or deaf, both end in an error instead of waiting."""

    async def wait(end: int, seconds: float) -> None:
        km = AsyncKernelManager(kernel_name=NATIVE_KERNEL_NAME, client_factory=PromptKernelClient)
        await km.start_kernel()
        client = km.client()
        client.start_channels()
        try:
            os.kill(km.provisioner.pid, end)
            await client.wait_for_ready(timeout=seconds)
        finally:
            client.stop_channels()
            await km.shutdown_kernel(now=True)

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with pytest.raises(RuntimeError, match="died"):
        asyncio.run(wait(signal.SIGKILL, 60))
    with pytest.raises(RuntimeError, match="respond"):
        asyncio.run(wait(signal.SIGSTOP, 1))
