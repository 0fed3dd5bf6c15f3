"""What cases/facets.py says, asked of the tables: slow, plain, and the judge of it.

Pages do not use it. The tests and the benchmark do.
"""

from functools import reduce
from operator import or_

from django.db.models import Count

from cases.facets import ALL, FACETS, PAIRS, Facet, Vocabulary, each_value
from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.search import cases_with_words
from cases.selection import Selection


def matching(selection: Selection) -> CaseQuerySet:
    """The published cases that a selection finds, in no particular order."""
    cases = Case.objects.published().order_by()
    if selection.words:
        cases = cases.filter(pk__in=cases_with_words(selection.words))
    for name, values in selection.picked.items():
        conditions = [ALL[name].condition(value) for value in values]
        if name not in selection.every:
            conditions = [reduce(or_, conditions)]
        for condition in conditions:
            cases = cases.with_line(condition)
    return cases


def shown(selection: Selection, words: Vocabulary) -> dict[str, dict[str, int]]:
    """For each facet: value → the number of cases once that value is picked too."""
    total = matching(selection).count()
    return each_value(
        selection, words, total, lambda name: adding(selection, name, FACETS[name])
    )


def shown_pairs(selection: Selection, name: str) -> dict[str, int]:
    """The same for a pair of facets, less those that no case has."""
    pair = PAIRS[name]
    levels = FACETS[pair.first], FACETS[pair.second[-1]]
    total = matching(selection).count()
    counts = {
        f"{first}~{second}": n
        for (first, second), n in adding(selection, name, *levels).items()
    }
    return counts | dict.fromkeys(selection.values(name), total)


def adding(selection: Selection, name: str, *levels: Facet) -> dict:
    """How many cases a selection finds with one more value of the facet named."""
    here = matching(selection)
    if not selection.values(name) or name in selection.every:
        return count_by(here, *levels)
    # Alternatives: what is found now, and what only the further value brings in.
    others = matching(selection.without(name)).exclude(pk__in=here.values("pk"))
    total = here.count()
    return {value: total + n for value, n in count_by(others, *levels).items()}


def count_by(cases: CaseQuerySet, *levels: Facet) -> dict:
    """Count cases by value, or by values that meet in one line."""
    keys = {f"value_{n}": facet.of_line() for n, facet in enumerate(levels)}
    lines = Case.objects.filter(pk__in=cases.values("pk")).order_by()
    rows = lines.values(**keys).annotate(n=Count("pk", distinct=True))
    return {
        (values[0] if len(values) == 1 else tuple(values)): n
        for *values, n in rows.values_list(*keys, "n")
    }
