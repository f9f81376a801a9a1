"""One thread for linear algebra on small arrays: pools of threads cost them more than they save."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

A = ParamSpec("A")
T = TypeVar("T")

_controller = cache(ThreadpoolController)


def single_threaded(function: Callable[A, T]) -> Callable[A, T]:
    """Run a function with one BLAS thread; the caller's setting is back afterwards."""

    @wraps(function)
    def run(*args: A.args, **kwargs: A.kwargs) -> T:
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return run
