"""Work on several cores: batches in threads, their order kept, only so many ahead of whoever takes them.

For work that lets go of the interpreter's lock, as the check of a signature does.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


class SideBySide:
    """As `map` is called, on so many cores."""

    def __init__(self, cores: int) -> None:
        """Begin nothing yet."""
        self._cores = cores

    def __call__(self, do: Callable[[A], B], batches: Iterable[A]) -> Iterator[B]:
        """What `do` makes of each batch, in order."""
        pool = ThreadPoolExecutor(self._cores, thread_name_prefix="side-by-side")
        try:
            under_way: deque[Future[B]] = deque()
            for batch in batches:
                under_way.append(pool.submit(do, batch))
                if len(under_way) > self._cores:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            # Not waited for: where memory is collected while a thread begins, waiting would never end.
            pool.shutdown(wait=False, cancel_futures=True)
