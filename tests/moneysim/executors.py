"""Thread pools as the product uses them, as children of the process under the same baton."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from payments.services import talking, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.moneysim.actors import Actor
    from tests.moneysim.kernel import Kernel
    from tests.moneysim.patches import Patches


class Future:
    """What a pool answers at once: the result comes later, in virtual time."""

    def __init__(self, kernel: Kernel, actor: Actor) -> None:
        self._kernel = kernel
        self.actor = actor

    def result(self, timeout: float | None = None) -> Any:
        if not self._kernel.wait(lambda: self.actor.is_done, timeout):
            raise TimeoutError
        if self.actor.error is not None:
            raise self.actor.error
        return self.actor.result


class Pool:
    """An executor whose threads take turns with everybody else."""

    def __init__(self, kernel: Kernel, name: str) -> None:
        self._kernel = kernel
        self._name = name

    def submit(self, act: Callable[..., Any], *arguments: Any) -> Future:
        actor = self._kernel.spawn_child(self._name, partial(act, *arguments))
        return Future(self._kernel, actor)


def as_completed(kernel: Kernel, futures: Iterable[Future]) -> Iterator[Future]:
    """Yield futures as their actors end."""
    open_ones = list(futures)
    while open_ones:
        kernel.wait(lambda: any(one.actor.is_done for one in open_ones))
        for one in [future for future in open_ones if future.actor.is_done]:
            open_ones.remove(one)
            yield one


def connect(kernel: Kernel, patches: Patches) -> None:
    """Put the kernel behind the product's thread pools."""
    patches.set(waiting, "_senders", Pool(kernel, "sender"))
    clock = SimpleNamespace(monotonic=kernel.clock.monotonic, sleep=kernel.sleep)
    patches.set(waiting, "time", clock)
    patches.set(talking, "ThreadPoolExecutor", lambda *_args, **_kwargs: Pool(kernel, "lane"))
    patches.set(talking, "as_completed", partial(as_completed, kernel))
    patches.set(talking, "_lanes", {})
