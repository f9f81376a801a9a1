"""Analyses compute with one BLAS thread and leave the caller's setting as it was."""

from __future__ import annotations

import threadpoolctl

from sozialanalyse.analyse._threads import single_threaded


def threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]


def test_one_thread_inside_and_the_old_number_outside():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = threads()
        assert set(single_threaded(threads)()) == {1}
        assert threads() == before
