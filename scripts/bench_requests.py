"""What the benchmark asks: filters of real cases, and words that real cases hold."""

import random
from collections import Counter

from cases.models import Case, SearchEntry
from cases.words import sequence

SEED = 7
HOW_MANY = 30
SAMPLE = 3000  # cases whose words are counted
RARITIES = (0.12, 0.013, 0.0015)  # how many of the cases hold a word
FACETS = {
    "country": "country__code",
    "form": "encounters__form__slug",
    "strategy": "encounters__responses__strategy__slug",
    "actor": "encounters__actor",
    "setting": "encounters__setting",
    "evidence": "evidence",
}


def drawn() -> dict[str, list[list[tuple[str, str]]]]:
    """The requests by kind, each a list of parameters; the same for all who answer."""
    chance = random.Random(SEED)  # noqa: S311 — nothing secret
    public = Case.objects.published()
    keys = sorted(public.filter(telling="described").values_list("pk", flat=True))
    cases = [chance.choice(keys) for _ in range(8 * HOW_MANY)]
    filters = [found for key in cases if len(found := filters_of(key)) >= len(FACETS)]
    one = [[chance.choice(found)] for found in filters[:HOW_MANY]]
    three = [chance.sample(found, 3) for found in filters[HOW_MANY : 2 * HOW_MANY]]
    words = words_of(public, chance)
    texts = [[("q", word), *pairs] for word, pairs in zip(words, one, strict=False)]
    regions = public.filter(country__region__isnull=False, pk__in=cases[:60])
    codes = list(dict.fromkeys(regions.values_list("country__region", flat=True)))
    return {
        "P0": [[]],
        "P1": one,
        "P3": three,
        "PT": texts,
        "M1": [[("region", code)] for code in codes[:10]],
    }


def filters_of(key: int) -> list[tuple[str, str]]:
    """A value of each facet that a case has, where it has one."""
    row = Case.objects.filter(pk=key).values_list(*FACETS.values()).first()
    return [pair for pair in zip(FACETS, row, strict=True) if pair[1]]


def words_of(public, chance: random.Random) -> list[str]:
    """Different words, as many of each rarity, those nearest to it first."""
    texts = SearchEntry.objects.filter(kind="case").values_list("text", flat=True)
    newest = texts.filter(record_id__in=public.values("pk")).order_by("-record_id")
    counts = Counter()
    for text in newest[:SAMPLE]:
        counts.update({word for word in sequence(text).split() if len(word) > 3})
    total = min(SAMPLE, newest.count())
    each = HOW_MANY // len(RARITIES)
    found = []
    for share in RARITIES:
        wanted = max(2, share * total)
        near = sorted(counts, key=lambda word: (abs(counts[word] - wanted), word))
        found += [word for word in near if word not in found][:each]
    chance.shuffle(found)
    return found
