"""Python's cyclic collector in a process that carries batches.

A batch makes tens of thousands of objects and frees all of them by itself when it is done. With the usual threshold of
700 the collector walks over them hundreds of times meanwhile, and finds nothing: a tenth of the worker's time (measured).
"""

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50


def settle() -> None:
    """Leave what there is by now alone, and look for garbage once a batch or so."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
