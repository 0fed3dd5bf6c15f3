"""What must be known of a language to look for its words: its stems and syllables."""

import re
import unicodedata
from functools import cache
from threading import Lock

from Stemmer import Stemmer

from cases.stopwords import STOP_WORDS
from sources.names import fold

# Urdu and Burmese have no stemmer: of them the words, or pairs of syllables, must do.
STEMMERS = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "ar": "arabic",
    "tr": "turkish",
    "sr": "serbian",
    "ne": "nepali",
    "hy": "armenian",
}
LANGUAGES = (*STEMMERS, "ur", "my")
# What the stemmer of English leaves apart.
IRREGULAR = {
    "women": "woman",
    "men": "man",
    "children": "child",
    "people": "person",
}
# Spanish words that lose an accent in the plural, which their stemmer goes by.
LOST_ACCENT = re.compile("([cs])ion$")
# A Burmese syllable begins with a consonant that is not killed or stacked, or with a
# letter that stands for itself.
SYLLABLE = re.compile(
    "(?<!\u1039)(?=[\u1000-\u1021](?!\u1037?[\u1039\u103a])"
    "|[\u1023-\u102a\u103f-\u1049\u104e])"
)
BURMESE = re.compile("[\u1000-\u109f]")
USING = Lock()  # a stemmer keeps words that it knows, and threads share it


@cache
def stemmer(language: str) -> Stemmer:
    """The stemmer of a language."""
    return Stemmer(STEMMERS[language])


def stems(word: str, language: str) -> frozenset[str]:
    """The folded stems of a word, as it is written and as if it had no accents."""
    if language not in STEMMERS:
        return frozenset()
    folded = fold(word)
    written = unicodedata.normalize("NFC", word.casefold())
    spellings = {written, folded}
    if language == "es":
        spellings.add(LOST_ACCENT.sub(r"\1ión", folded))
    if language == "en":
        spellings = {IRREGULAR.get(folded, folded)}
    return frozenset(fold(stem(spelling, language)) for spelling in spellings)


def stem(word: str, language: str) -> str:
    """What a language’s stemmer makes of a word.

    Of a Turkish word it takes one ending at a time, and leaves two where there are two.
    """
    with USING:
        found = stemmer(language).stemWord(word)
        while language == "tr" and found != word:
            word, found = found, stemmer(language).stemWord(found)
    return found


def syllables(word: str) -> list[str]:
    """The syllables of a folded Burmese word: it has no spaces to go by."""
    return [part for part in SYLLABLE.split(word) if part]


def is_burmese(word: str) -> bool:
    """Whether a word is written in Burmese letters."""
    return bool(BURMESE.search(word))


def without(word: str) -> frozenset[str]:
    """The languages in which a folded word says too little to look for."""
    return frozenset(name for name, words in STOP_WORDS.items() if word in words)
