"""What a query finds and in which order, in plain and slow Python.

The judge of cases.search: it walks the texts, and knows nothing of sets, of tables or
of how a query is written. It shares only what one word is: its folding and its stems.
"""

from itertools import pairwise

from cases.languages import STEMMERS, is_burmese, stems, syllables
from cases.stopwords import STOP_WORDS
from cases.words import WORD
from sources.names import fold

FIRST_WORDS = 40


def words_of(text):
    """Every written word of a text, as a list of what it is in folded letters."""
    return [
        (written, [w for part in WORD.findall(fold(written)) for w in split(part)])
        for written in WORD.findall(text)
    ]


def split(word):
    return syllables(word) if is_burmese(word) else [word]


def spellings(text):
    """All that the words of a text are found by as they stand."""
    found = set()
    for _written, parts in words_of(text):
        found.update(parts)
        if is_burmese("".join(parts)):
            found.update(a + b for a, b in pairwise(parts))
    return found


def stems_in(text, language):
    return {
        stem for written, _parts in words_of(text) for stem in stems(written, language)
    }


def sentence(text):
    return [part for _written, parts in words_of(text) for part in parts]


def says(entry, phrase):
    """Whether words follow one another in the title or in the text."""
    wanted = sentence(phrase)
    return any(
        row[at : at + len(wanted)] == wanted
        for row in map(sentence, entry[1:])
        for at in range(len(row))
    )


def has(text, language, word, begins):
    """Whether a word, a beginning of one, or its stem stands in a text."""
    found = spellings(text)
    return all(
        part in found
        or (begins and is_last and any(other.startswith(part) for other in found))
        or (single and bool(stems(word, language) & stems_in(text, language)))
        for part, is_last, single in pieces(word)
    )


def pieces(word):
    parts = [part for _written, parts in words_of(word) for part in parts]
    if is_burmese(word) and parts[1:]:
        parts = [a + b for a, b in pairwise(parts)]
    return [
        (part, at == len(parts), len(parts) == 1) for at, part in enumerate(parts, 1)
    ]


def asked(parts):
    """The parts of a query: what they are, and whether a word may be a beginning."""
    for part in parts:
        minus, rest = part.startswith("-"), part.removeprefix("-")
        word = rest.strip('"*')
        short = len(fold(word)) < 3 or any(c.isdigit() for c in word)
        begins = rest.endswith("*") or (part is parts[-1] and not minus and not short)
        yield minus, rest.startswith('"'), word, begins


def needless(word, parts):
    """The languages whose texts need not have a word."""
    others = [fold(w) for minus, quoted, w, _b in asked(parts) if not (minus or quoted)]
    alone = not any(quoted and not minus for minus, quoted, _w, _b in asked(parts))
    return {
        language
        for language, stop in STOP_WORDS.items()
        if fold(word) in stop and not (alone and all(w in stop for w in others))
    }


def fits(entry, parts):
    language, title, text = entry
    for minus, quoted, word, begins in asked(parts):
        if quoted:
            found = says(entry, word)
        else:
            found = has(f"{title} {text}", language, word, begins)
            found = found or (not minus and language in needless(word, parts))
        if found == minus:
            return False
    return any(not minus for minus, *_rest in asked(parts))


def first_lines(text):
    return " ".join(written for written, _parts in words_of(text)[:FIRST_WORDS])


def merit(entry, parts):
    """By what a hit is better than another: words in the title, exact, in front."""
    language, title, text = entry
    words = list(dict.fromkeys(telling(parts)))
    everywhere, front = spellings(f"{title} {text}"), first_lines(text)
    return (
        sum(stands_in(title, language, *word) for word in words),
        sum(part in everywhere for part, _begins, _whole in words),
        sum(is_in_front(front, language, *word) for word in words),
    )


def telling(parts):
    """The words that count: the parts of each, whether one begins, the whole word."""
    for minus, quoted, word, begins in asked(parts):
        if minus:
            continue
        for part, is_last, single in pieces(word):
            if quoted:
                yield part, False, ""
            elif not needless(part, parts):
                yield part, begins and is_last, word if single else ""


def stands_in(text, language, part, begins, whole):
    found = spellings(text)
    if part in found or (begins and any(word.startswith(part) for word in found)):
        return True
    return bool(stems(whole, language) & stems_in(text, language))


def is_in_front(text, language, part, begins, whole):
    """Words of the first lines are known by their stems, where they have any."""
    if language in STEMMERS:
        return bool(stems(whole, language) & stems_in(text, language))
    return part in spellings(text)


def result(entries, parts):
    """The keys of what a query finds, the best first, the newest of equals first."""
    hits = [key for key, entry in entries.items() if fits(entry, parts)]
    return sorted(hits, key=lambda key: (merit(entries[key], parts), key), reverse=True)
