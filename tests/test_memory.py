"""Free memory is given back where that can be done, and nothing breaks elsewhere."""

import ctypes
from types import SimpleNamespace

import pytest

from cases import memory


@pytest.mark.parametrize("asked", [[], [0]])
def test_free_memory_is_given_back_where_the_c_library_can(monkeypatch, asked):
    told = []
    library = SimpleNamespace(malloc_trim=told.append) if asked else SimpleNamespace()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    memory.give_back()
    assert told == asked
