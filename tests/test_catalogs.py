"""Texts of apps that are put together say what they say apart."""

import pytest
from django.utils.translation import trans_real
from django.utils.translation.trans_real import DjangoTranslation, TranslationCatalog

from kb.pages.catalogs import keep_apart

LANGUAGES = ["en", "es", "fr", "ar", "tr", "sr", "ne", "hy", "ur", "my"]


def apart(language, monkeypatch):
    """A language as Django holds it: each app by itself."""
    with monkeypatch.context() as alone:
        alone.setattr(trans_real, "_translations", {})  # the one it falls back on, too
        alone.setattr(TranslationCatalog, "update", keep_apart)
        return DjangoTranslation(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_told_as_when_apps_are_kept_apart(language, monkeypatch):
    ours, theirs = DjangoTranslation(language), apart(language, monkeypatch)
    keys = [*theirs._catalog.keys(), "nobody says this", ("nor this", 0)]
    for text in (key for key in keys if isinstance(key, str)):
        assert ours.gettext(text) == theirs.gettext(text)
    for text in {key[0] for key in keys if isinstance(key, tuple)}:
        for number in range(30):
            told = ours.ngettext(text, "many", number)
            assert told == theirs.ngettext(text, "many", number)


def test_most_apps_that_count_alike_are_held_in_one_place(monkeypatch):
    assert len(DjangoTranslation("en")._catalog._catalogs) < 3
    assert len(apart("en", monkeypatch)._catalog._catalogs) > 5
