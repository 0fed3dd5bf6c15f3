"""Turn text into the tokens that both databases index, and mark them in a snippet.

Neither database stems alike, so neither is asked to: a text becomes its folded words
and their stems here, and a query goes the same way.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import snowballstemmer
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sources.names import fold

# Vowel signs belong to the word they stand in; Python’s \w leaves them out.
MARKS = "".join(
    c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] == "M"
)
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
# What the stemmer of English leaves apart.
IRREGULAR = {
    "women": "woman",
    "men": "man",
    "children": "child",
    "people": "person",
}
LONGEST_WORD = 40  # longer than any word in the nine languages
SNIPPET_LENGTH = 200


@cache
def stemmer():
    """The English stemmer; building one is slow, using it is not."""
    return snowballstemmer.stemmer("english")


def folded_words(text: str) -> list[str]:
    """The words of a text as a query would name them."""
    return [word[:LONGEST_WORD] for word in WORD.findall(fold(text))]


def stem(word: str) -> str:
    """The stem of a folded word."""
    return stemmer().stemWord(IRREGULAR.get(word, word))


def tokens(text: str) -> str:
    """What the index holds of a text: each word and its stem, separated by spaces."""
    words = folded_words(text)
    return " ".join(sorted({*words, *map(stem, words)}))


def meant_by(query: str) -> list[str]:
    """The different words of a query, in order."""
    return list(dict.fromkeys(folded_words(query)))


def snippet(text: str, query: str) -> SafeString:
    """A piece of the text around the first hit, every hit marked."""
    wanted = meant_by(query)
    stems = {stem(word) for word in wanted}
    prefix = wanted[-1] if wanted else ""

    def hit(piece: str) -> bool:
        word = fold(piece)
        return stem(word) in stems or (len(prefix) > 2 and word.startswith(prefix))

    hits = [m for m in WORD.finditer(text) if hit(m.group())]
    if not hits:
        return SafeString("")
    start = text.rfind(". ", 0, hits[0].start()) + 2
    start = 0 if start == 1 else max(start, hits[0].start() - SNIPPET_LENGTH // 2)
    stop = min(len(text), start + SNIPPET_LENGTH)
    stop = max(text.rfind(" ", start, stop) if stop < len(text) else stop, start)
    stop = max(stop, hits[0].end())
    return format_html(
        "{}{}{}",
        "… " if start else "",
        format_html_join("", "{}", ((p,) for p in marked(text, hits, start, stop))),
        " …" if stop < len(text) else "",
    )


def marked(text: str, hits: list[re.Match], start: int, stop: int) -> Iterator[str]:
    """The pieces of text[start:stop], hits inside a mark."""
    at = start
    for match in hits:
        if match.end() > stop:
            break
        yield text[at : match.start()]
        yield format_html("<mark>{}</mark>", match.group())
        at = match.end()
    yield text[at:stop]
