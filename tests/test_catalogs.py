"""Texts of apps that are put together say what they say apart."""

import pytest
from django.utils.translation.trans_real import (
    DjangoTranslation,
    TranslationCatalog,
    translation,
)

from kb.pages.catalogs import keep_apart

LANGUAGES = ["en", "es", "fr", "ar", "tr", "sr", "ne", "hy", "ur", "my"]


@pytest.fixture
def apart(monkeypatch):
    """A language as Django holds it: each app by itself."""
    monkeypatch.setattr(TranslationCatalog, "update", keep_apart)
    return DjangoTranslation


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_told_as_when_apps_are_kept_apart(apart, language):
    ours, theirs = translation(language), apart(language)
    keys = [*theirs._catalog.keys(), "nobody says this", ("nor this", 0)]
    for text in (key for key in keys if isinstance(key, str)):
        assert ours.gettext(text) == theirs.gettext(text)
    for text in {key[0] for key in keys if isinstance(key, tuple)}:
        for number in range(30):
            told = ours.ngettext(text, "many", number)
            assert told == theirs.ngettext(text, "many", number)


def test_most_apps_that_count_alike_are_held_in_one_place(apart):
    assert len(translation("en")._catalog._catalogs) < 3
    assert len(apart("en")._catalog._catalogs) > 5
