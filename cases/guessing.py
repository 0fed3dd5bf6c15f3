"""Guess what a reader means: a word that was spelled otherwise, or not yet written out.

Both guess from the words that search holds, and offer only what leads to something
that may be seen.
"""
