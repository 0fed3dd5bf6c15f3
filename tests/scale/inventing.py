"""Made-up cases, a batch at a time: the same seed and number give the same rows.

Rows are what the tables hold, written alike for both databases: dates and times as
text. They keep every rule that the database and the safety file hold a case to, so that
the sweep finds nothing to mend but what is made to be out of date.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from django.db.models import QuerySet

from cases.choices import Actor, Effect, Evidence, Scope, Setting, Visibility
from cases.models import Country, Region, ResistanceForm
from sources.choices import NOT_STATED
from strategies.models import Strategy, Term
from tests.scale.wording import rising, shares, tongues, zipf

BATCH = 5000
FIRST = 1000  # the number of the first case; the project’s own have smaller ones
MOST_ORGANISATIONS = 3000
EVER, NEVER = "1970-01-01 00:00:00", "9999-12-31 00:00:00"
LONG_AGO, PAST, FUTURE = "2018-01-01", "2020-01-01", "2090-01-01"
RECORDED = "2026-01-01 00:00:00"
FATES = {
    "published": 0.93,
    "draft": 0.04,
    "withdrawn": 0.02,
    "embargoed": 0.005,
    "expired": 0.005,
}
EVIDENCE = (0.42, 0.18, 0.14, 0.11, 0.15)  # in the order of the choices
ACTORS = (0.21, 0.2, 0.11, 0.08, 0.09, 0.09, 0.07, 0.15)
SETTINGS = (0.13, 0.26, 0.2, 0.12, 0.1, 0.19)
EFFECTS = (0.35, 0.2, 0.1, 0.35)
VISIBILITIES = (0.15, 0.2, 0.3, 0.35)
# Asked for each row, and slow to ask of the choices themselves.
ACTOR_VALUES, SETTING_VALUES = Actor.values, Setting.values
EFFECT_VALUES, VISIBILITY_VALUES = Effect.values, Visibility.values
EVIDENCE_VALUES = Evidence.values
SCOPES = "[" + ", ".join(f'"{scope}"' for scope in Scope.values) + "]"


def basis(value, stated: bool, nothing: tuple = (None, "", NOT_STATED)) -> str:
    """How a fact is known: not stated where there is none."""
    return NOT_STATED if value in nothing else ("stated" if stated else "reading")


@dataclass
class Batch:
    """The rows of some cases, by table; and what search has to know of each case.

    From the latter, loading makes the rows of search, and forgets it.
    """

    cases: list[tuple] = field(default_factory=list)
    links: list[tuple] = field(default_factory=list)
    encounters: list[tuple] = field(default_factory=list)
    responses: list[tuple] = field(default_factory=list)
    consents: list[tuple] = field(default_factory=list)
    risks: list[tuple] = field(default_factory=list)
    found: list[dict] = field(default_factory=list)
    entries: list[tuple] = field(default_factory=list)
    words: dict = field(default_factory=dict)  # and who holds which
    fates: Counter = field(default_factory=Counter)


class World:
    """What cases are made of: places, terms and organisations, and how common each is.

    Terms and places are those of the database, in the order of their slugs and codes.
    """

    def __init__(self, seed: int, size: int):
        self.seed, self.size = seed, size
        chance = np.random.default_rng(seed)
        self.forms = list(terms(ResistanceForm))
        self.strategies = list(terms(Strategy))
        self.countries = list(Country.objects.order_by("code"))
        self.regions = list(Region.objects.filter(countries__isnull=False).distinct())
        self.regions.sort(key=lambda region: region.code)
        chance.shuffle(self.countries)
        self.country_chances = rising(zipf(len(self.countries), 0.9))
        self.form_chances = rising(zipf(len(self.forms) + 1, 0.5))  # the last: none
        # Each form has answers of its own that are more usual than others.
        usual = chance.dirichlet(
            [0.4] * (len(self.strategies) + 1), len(self.forms) + 1
        )
        self.answer_chances = np.cumsum(usual, axis=1)
        self.organisation_chances = rising(zipf(self.organisation_count, 1.16))

    @cached_property
    def digest(self) -> str:
        """The same for worlds of two databases if their batches are the same."""
        told = [self.seed, self.size]
        told += [(term.pk, term.slug) for term in (*self.forms, *self.strategies)]
        told += [place.code for place in (*self.countries, *self.regions)]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @property
    def organisation_count(self) -> int:
        """How many organisations there are: one for twenty cases, up to a limit."""
        return max(10, min(MOST_ORGANISATIONS, self.size // 20))

    @cached_property
    def organisation_rows(self) -> list[tuple]:
        """id, slug, name and country of each organisation, all public."""
        chance = np.random.default_rng([self.seed, 1])
        words = tongues()[0].words
        rows = []
        for number in range(FIRST, FIRST + self.organisation_count):
            first, second = words[chance.integers(500, 5000, 2)]
            country = self.countries[pick(self.country_chances, chance)]
            name = f"{first.capitalize()} {second.capitalize()} {number}"
            rows.append((number, f"made-up-{number}", name, country.code))
        return rows

    def starts(self) -> range:
        """Where each batch begins."""
        return range(0, self.size, BATCH)

    def batch(self, start: int) -> Batch:
        """The rows of the batch that begins there; no other batch is needed for it."""
        return Writer(self, start).written()


def terms(model: type[Term]) -> QuerySet:
    """The public terms of a vocabulary, their other names at hand."""
    found = model.objects.published().prefetch_related("aliases")
    return found.order_by("slug")


def pick(chances: np.ndarray, chance: np.random.Generator, size: int | None = None):
    """One or more numbers, as often as the chances say."""
    found = np.searchsorted(chances, chance.random(size), side="right")
    return np.minimum(found, len(chances) - 1)


class Writer:
    """Makes one batch. Chances are drawn for all its cases at once, for speed."""

    def __init__(self, world: World, start: int):
        self.world = world
        self.first = FIRST + start
        self.size = min(BATCH, world.size - start)
        # Each batch has numbers of its own, more than it needs.
        self.encounter, self.response = FIRST + start * 4, FIRST + start * 6
        self.chance = np.random.default_rng([world.seed, 2, start])
        self.batch = Batch()

    def draw(self, shares, size: int) -> list[int]:
        """Which of some things, as often as their shares say."""
        return pick(rising(np.array(shares)), self.chance, size).tolist()

    def written(self) -> Batch:
        """The rows of the batch."""
        size, chance = self.size, self.chance
        described = chance.random(size) < 0.9
        self.met = np.where(described, 1 + chance.poisson(1.08, size), 0)
        total = int(self.met.sum())
        forms = pick(self.world.form_chances, chance, total)
        # Some forms are answered more often than others.
        self.answered = chance.poisson(1.2 + 0.08 * forms).tolist()
        self.of_encounters(forms)
        self.of_responses(np.repeat(forms, self.answered))
        self.write_texts(total)
        self.of_cases(described)
        for n in range(size):
            self.write_case(n)
        return self.batch

    def of_encounters(self, forms: np.ndarray) -> None:
        """Draw what each encounter is: form, who resists, where."""
        total = len(forms)
        self.form = forms.tolist()
        self.actor = self.draw(ACTORS, total)
        self.setting = self.draw(SETTINGS, total)
        self.stated = (self.chance.random(total) < 0.5).tolist()

    def of_responses(self, forms: np.ndarray) -> None:
        """Draw what each response is, the strategy after the form it answers."""
        total = len(forms)
        drawn = self.chance.random(total)[:, None]
        below = (self.world.answer_chances[forms] <= drawn).sum(axis=1)
        self.strategy = np.minimum(below, len(self.world.strategies)).tolist()
        self.effect = self.draw(EFFECTS, total)
        self.visibility = self.draw(VISIBILITIES, total)
        self.told = (self.chance.random(total) < 0.5).tolist()

    def of_cases(self, described: np.ndarray) -> None:
        """Draw what is true of each case as a whole."""
        size, chance = self.size, self.chance
        self.described = described.tolist()
        self.fate = self.draw(tuple(FATES.values()), size)
        self.country = pick(self.world.country_chances, chance, size).tolist()
        self.precision = self.draw((0.96, 0.03, 0.01), size)
        self.region = chance.integers(len(self.world.regions), size=size).tolist()
        self.naming = self.draw((0.92, 0.04, 0.04), size)
        self.named = self.draw((0.25, 0.65, 0.10), size)
        self.submitted = (chance.random(size) < 0.05).tolist()
        self.evidence = self.draw(EVIDENCE, size)
        self.when = self.draw((0.2, 0.65, 0.08, 0.07), size)
        self.year = (2025 - chance.exponential(6, size)).clip(1985).astype(int).tolist()
        self.lasts = chance.poisson(0.7, size).tolist()
        self.checked = chance.integers(1, 13, (size, 2)).tolist()
        organisations = self.world.organisation_chances
        self.organisation = pick(organisations, chance, size * 2).tolist()

    def write_texts(self, encounters: int) -> None:
        """Draw the words of all texts of the batch: by case, then by place in it."""
        size, chance = self.size, self.chance
        responses = len(self.strategy)
        tongue = pick(shares(), chance, size)
        met = np.repeat(tongue, self.met)
        answered = np.repeat(met, self.answered)
        kinds = [
            (tongue, chance.integers(4, 9, size)),  # titles
            (tongue, chance.integers(35, 62, size)),  # snapshots
            (tongue, chance.integers(0, 45, size)),  # contexts
            (met, chance.integers(8, 24, encounters)),
            (answered, chance.integers(8, 26, responses)),
        ]
        made = [list(self.texts(tongues, lengths)) for tongues, lengths in kinds]
        self.title, self.snapshot, self.context, self.meeting, self.answer = made

    def texts(self, numbers: np.ndarray, lengths: np.ndarray) -> Iterator[str]:
        """Texts of so many words in these languages."""
        known = tongues()
        drawn = self.chance.random(int(lengths.sum()))
        of_word = np.repeat(numbers, lengths)
        words = np.empty(len(drawn), dtype=object)
        for number, tongue in enumerate(known):
            here = of_word == number
            ranks = np.searchsorted(tongue.rising, drawn[here], side="right")
            words[here] = tongue.words[np.minimum(ranks, len(tongue.words) - 1)]
        pieces, at = words.tolist(), 0
        for number, length in zip(numbers.tolist(), lengths.tolist(), strict=True):
            yield known[number].write(pieces[at : at + length])
            at += length

    def write_case(self, n: int) -> None:
        """The rows of one case and of all that hangs on it."""
        batch, key = self.batch, self.first + n
        fate = tuple(FATES)[self.fate[n]]
        batch.fates[fate] += 1
        submitted = self.submitted[n] or fate == "expired"
        naming = ("named", "pseudonym", "type-only")[self.naming[n]]
        country, region, precision = self.place(n)
        organisations = self.organisations(n) if naming == "named" else []
        title = self.title[n].removesuffix(".")
        pseudonym = f"Group {key}" if naming == "pseudonym" else ""
        batch.cases.append(
            (
                key,
                f"made-up-{key}",
                f"C{key}",
                title,
                "submitted" if submitted else "published-source",
                precision,
                country and country.code,
                region and region.code,
                naming,
                pseudonym,
                "civil-society" if naming == "type-only" else "",
                self.snapshot[n],
                self.context[n],
                *self.period(n),
                "described" if self.described[n] else "named-only",
                EVIDENCE_VALUES[self.evidence[n]],
                f"{2023 + self.checked[n][0] % 4}-{self.checked[n][1]:02d}-01",
                *self.standing(key, fate, submitted),
            )
        )
        batch.links += [(key, FIRST + number) for number in organisations]
        self.write_safety(key, fate, submitted)
        encounters = self.write_encounters(n, key)
        if fate == "published":
            batch.found.append(
                {
                    "pk": key,
                    "code": f"C{key}",
                    "title": title,
                    "country": country,
                    "region": region,
                    "pseudonym": pseudonym,
                    "snapshot": self.snapshot[n],
                    "context": self.context[n],
                    "organisations": organisations,
                    "encounters": encounters,
                }
            )

    def standing(self, key: int, fate: str, submitted: bool) -> tuple:
        """live, withdrawn_at, first_published_at, visible_from and visible_until."""
        live = fate in ("published", "embargoed", "expired")
        day = 1 + key % 28
        published = None if fate == "draft" else f"2025-{1 + key % 12:02d}-{day:02d}"
        window = {
            "draft": (None, None),
            "embargoed": (f"{FUTURE} 00:00:00", NEVER),
            "expired": (f"{LONG_AGO} 00:00:00", f"{PAST} 00:00:00"),
        }.get(fate, (EVER, NEVER))
        if submitted and fate in ("published", "withdrawn"):
            window = f"{PAST} 00:00:00", f"{FUTURE} 00:00:00"
        elif submitted and fate == "embargoed":
            window = f"{FUTURE} 00:00:00", "2092-01-01 00:00:00"
        withdrawn = "2026-01-02 00:00:00" if fate == "withdrawn" else None
        return (live, withdrawn, published and f"{published} 12:00:00", *window)

    def write_safety(self, key: int, fate: str, submitted: bool) -> None:
        """What the safety file says: all that lets the case be seen when it is."""
        if fate == "draft":
            return
        embargo = FUTURE if fate == "embargoed" else None
        decision = "delay" if embargo else "publish"
        told = "The staff", "Community members", 1 + key % 3, 1 + key // 3 % 3
        law = "No law is used against such work."
        self.batch.risks.append(
            (key, RECORDED, *told, law, decision, embargo, "2095-01-01")
        )
        if submitted:
            given, ends = {
                "expired": (LONG_AGO, PAST),
                "embargoed": (PAST, "2092-01-01"),
            }.get(fate, (PAST, FUTURE))
            by = "Director of the organisation", "Decision of its board"
            self.batch.consents.append((key, RECORDED, *by, given, ends, SCOPES))

    def place(self, n: int) -> tuple[Country | None, Region | None, str]:
        """Where a case happened, as closely as it tells."""
        precision = ("country", "region", "none")[self.precision[n]]
        country = self.world.countries[self.country[n]]
        region = self.world.regions[self.region[n]]
        return (
            country if precision == "country" else None,
            region if precision == "region" else None,
            precision,
        )

    def organisations(self, n: int) -> list[int]:
        """The numbers of the organisations of a case."""
        return list(dict.fromkeys(self.organisation[2 * n : 2 * n + self.named[n]]))

    def period(self, n: int) -> tuple:
        """time_precision, both years, both quarters and their basis."""
        year, until = self.year[n], min(2025, self.year[n] + self.lasts[n])
        known = basis("known", self.checked[n][0] % 3 > 0)
        match self.when[n]:
            case 0:
                return "year", None, None, None, None, NOT_STATED
            case 1:
                return "year", year, until, None, None, known
            case 2:
                decade = year // 10 * 10
                return "decade", decade, decade + 9, None, None, known
            case _:
                first, last = sorted((1 + year % 4, 1 + (year + until) % 4))
                return "quarter", year, until, first, last, known

    def write_encounters(self, n: int, case: int) -> list[tuple]:
        """The rows of what a case met; for search: text, form and responses of each."""
        start = self.starts[n]
        seen, found = set(), []
        for at in range(start, start + int(self.met[n])):
            form, actor, setting = self.form[at], self.actor[at], self.setting[at]
            is_known = form < len(self.world.forms)
            if is_known and (form, actor, setting) in seen:
                continue
            seen.add((form, actor, setting))
            key = self.encounter + len(self.batch.encounters)
            term = self.world.forms[form] if is_known else None
            who, where = ACTOR_VALUES[actor], SETTING_VALUES[setting]
            stated, text = self.stated[at], self.meeting[at]
            self.batch.encounters.append(
                (
                    key,
                    case,
                    len(found),
                    term and term.pk,
                    basis(term, stated),
                    who,
                    basis(who, stated),
                    where,
                    basis(where, stated),
                    text,
                )
            )
            found.append((text, term, self.write_responses(at, key)))
        return found

    def write_responses(self, n: int, encounter: int) -> list[tuple]:
        """The rows of what was done about it; for search: text and strategy of each."""
        start = self.answer_starts[n]
        seen, found = set(), []
        for at in range(start, start + self.answered[n]):
            strategy = self.strategy[at]
            is_known = strategy < len(self.world.strategies)
            if is_known and strategy in seen:
                continue
            seen.add(strategy)
            term = self.world.strategies[strategy] if is_known else None
            effect = EFFECT_VALUES[self.effect[at]]
            visibility = VISIBILITY_VALUES[self.visibility[at]]
            told, text = self.told[at], self.answer[at]
            bearer = "The staff" if at % 4 == 0 else ""
            cost = "It took longer than planned." if at % 9 == 0 else ""
            self.batch.responses.append(
                (
                    self.response + len(self.batch.responses),
                    encounter,
                    len(found),
                    term and term.pk,
                    basis(term, told),
                    text,
                    effect,
                    basis(effect, told),
                    cost,
                    basis(cost, told),
                    visibility,
                    basis(visibility, told),
                    bearer,
                    basis(bearer, told),
                )
            )
            found.append((text, term, cost))
        return found

    @cached_property
    def starts(self) -> list[int]:
        """Where the encounters of each case begin among those drawn."""
        return (np.cumsum(self.met) - self.met).tolist()

    @cached_property
    def answer_starts(self) -> list[int]:
        """Where the responses of each encounter begin among those drawn."""
        lengths = np.array(self.answered)
        return (np.cumsum(lengths) - lengths).tolist()
