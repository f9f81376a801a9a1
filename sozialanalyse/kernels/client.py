"""A client that begins as soon as its kernel answers."""

from __future__ import annotations

import math
import time
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient

NO_HISTORY = ("--HistoryManager.enabled=False",)
"""Arguments of an ipykernel that nobody types into: its cells do not enter the user's history, and many
that start together do not fight for that file."""


class PromptKernelClient(AsyncKernelClient):
    """Ready once the kernel has answered on the shell channel and been heard on the output channel.

    Jupyter's own client then waits until the kernel has been silent for 0.2 seconds, longer than a
    forked kernel takes to start. Whoever executes through this client finds the output of a request by
    its ``parent_header``, as nbclient and Voila do, and is not disturbed by what came before.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        until = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=0.2)
                    self._handle_kernel_info_reply(reply)
                    return
            except Empty:
                pass  # not there yet, or its output does not reach us yet
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    wait_for_ready = _async_wait_for_ready
