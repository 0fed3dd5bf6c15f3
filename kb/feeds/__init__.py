"""Atom feeds: what is new in any filtered list, in a cell of the matrix, at all."""
