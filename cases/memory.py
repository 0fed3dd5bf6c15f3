"""Memory that was needed once is given back to the system."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Give back what is free by now, where the C library can (glibc).

    It keeps free memory for what comes next. To read an index, to sort all cases or to
    number their values takes tens of megabytes, once in the life of a process.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
