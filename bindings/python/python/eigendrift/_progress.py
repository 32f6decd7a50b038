"""How far a computation is: shown by tqdm, or passed to a function of the caller."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = bool | Callable[[int, int], object] | None
"""Whether a bar is shown, or a function that is called with what is done and what there is to do in all."""


@contextmanager
def listener(progress: Progress, unit: str) -> Iterator[Callable[[int, int], object] | None]:
    """The function that is to be called; a bar that counts in `unit` is closed at the end."""
    if progress is None or progress is False:
        yield None
    elif progress is not True:
        if not callable(progress):
            raise TypeError("progress: must be True, False, None or a function of two numbers")
        yield progress
    else:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            warnings.warn("progress is not shown: tqdm is not installed", stacklevel=4)
            yield None
            return
        with tqdm(unit=f" {unit}") as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield show
