"""Fewer places to look for a text in a language.

Django means to keep texts of apps apart only where they count plurals in other ways.
It compares a piece of code with a function, so it keeps all apart, and looks for a text
that nobody has translated in each of them, twice: it was a thirtieth of a list’s time.
"""

from django.utils.translation.trans_real import TranslationCatalog

keep_apart = TranslationCatalog.update


def gather() -> None:
    """From now on, put texts together that count plurals in the same way."""
    TranslationCatalog.update = merge


def merge(known: TranslationCatalog, texts) -> None:
    """Add the texts of an app (gettext’s own GNUTranslations): they come first."""
    if texts.plural.__code__ == known._plurals[0].__code__:
        known._catalogs[0].update(texts._catalog)
    else:
        keep_apart(known, texts)
