"""Read the fixtures that a curator can edit, and bring the database in step with them.

Parsing is pure and names file, record and field when something is wrong. Writing is
repeatable: what is in step already is left alone, and a record that was withdrawn, or
edited on the desk since, is never written over.
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from cases import keeping, search
from cases.choices import Telling
from cases.models import (
    Case,
    ContextNote,
    Country,
    Encounter,
    Lesson,
    Organisation,
    Region,
    ResistanceForm,
    Response,
    RiskAssessment,
)
from cases.visibility import settle
from sources import ledger
from sources.choices import ChangeKind
from sources.models import Change, Record, Source
from strategies.models import Strategy, StrategyFamily


class FixtureError(ValueError):
    """What is wrong with a file: where, in which field, and what was expected."""

    def __init__(self, where: str, name: str = "", said: str = ""):
        place = f"{where}, {name}" if name else where
        super().__init__(f"{place}: {said}" if said else place)
        self.where, self.name, self.said = where, name, said


class Placed(dict):
    """A mapping that knows where in a file it stands."""

    def __init__(self, data: dict, where: str):
        super().__init__(data)
        self.where = where


@dataclass(frozen=True)
class Shape:
    """Which keys a record has in a file. children: key → the shape of nested rows."""

    model: type[models.Model]
    fields: tuple[str, ...]
    key: str = ""
    many: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()  # fields that may be left out: the model’s own default
    children: dict[str, "Shape"] = field(default_factory=dict)
    cited: bool = False  # a public statement: no row without a citation

    @property
    def columns(self) -> tuple[str, ...]:
        """Every field, those that may be left out among them."""
        return self.fields + self.usual


def rows(parent: type[models.Model], name: str, *fields: str) -> Shape:
    """The shape of simple nested rows."""
    return Shape(parent._meta.get_field(name).related_model, fields)


def citations(parent: type[models.Model]) -> dict[str, Shape]:
    return {"citations": rows(parent, "citations", "source", "locator", "basis")}


def aliases(parent: type[models.Model]) -> dict[str, Shape]:
    columns = "name", "note", "source", "locator", "basis"
    return {"aliases": rows(parent, "aliases", *columns)}


REGION = Shape(Region, ("code", "name", "parent"), key="code")
COUNTRY = Shape(
    Country,
    ("code", "m49", "name", "region", "latitude", "longitude", "aliases"),
    key="code",
)
SOURCE = Shape(
    Source,
    (
        *("slug", "title", "publisher", "year", "kind"),
        *("url", "language", "seen", "note"),
    ),
    key="slug",
)
FAMILY = Shape(
    StrategyFamily,
    ("slug", "name", "definition", "position"),
    key="slug",
    children=citations(StrategyFamily),
    cited=True,
)
STRATEGY = Shape(
    Strategy,
    (
        *("slug", "name", "definition", "caution"),
        *("family", "family_basis", "position"),
    ),
    key="slug",
    children=citations(Strategy) | aliases(Strategy),
    cited=True,
)
FORM = Shape(
    ResistanceForm,
    ("slug", "name", "mode", "definition", "note", "position"),
    key="slug",
    children=citations(ResistanceForm)
    | aliases(ResistanceForm)
    | {"signs": rows(ResistanceForm, "signs", "text", "source", "locator", "basis")},
    cited=True,
)
ORGANISATION = Shape(
    Organisation,
    ("slug", "name", "country", "kind"),
    key="slug",
    children=citations(Organisation) | aliases(Organisation),
    cited=True,
)
RESPONSE = Shape(
    Response,
    (
        *("strategy", "strategy_basis", "text", "effect", "effect_basis"),
        *("side_effects", "side_effects_basis", "visibility", "visibility_basis"),
        *("risk_bearer", "risk_bearer_basis"),
    ),
    children=citations(Response),
    cited=True,
)
ENCOUNTER = Shape(
    Encounter,
    (
        *("form", "form_basis", "actor", "actor_basis"),
        *("setting", "setting_basis", "text"),
    ),
    children=citations(Encounter) | {"responses": RESPONSE},
    cited=True,
)
CASE = Shape(
    Case,
    (
        *("code", "slug", "title", "origin", "country", "snapshot", "context"),
        *("period_from", "period_to", "period_basis"),
        *("telling", "evidence", "last_checked"),
    ),
    usual=(
        *("place_precision", "region", "naming", "pseudonym", "organisation_kind"),
        *("time_precision", "quarter_from", "quarter_to"),
    ),
    key="code",
    many=("organisations",),
    children=citations(Case) | aliases(Case) | {"encounters": ENCOUNTER},
    cited=True,
)
LESSON = Shape(
    Lesson,
    ("slug", "kind", "title", "text", "position"),
    key="slug",
    many=("cases", "forms", "strategies"),
    children=citations(Lesson),
    cited=True,
)
NOTE = Shape(
    ContextNote,
    (
        *("slug", "country", "organisation", "kind", "title", "text"),
        *("year", "year_to"),
    ),
    key="slug",
    children=citations(ContextNote),
    cited=True,
)


RISK = Shape(
    RiskAssessment,
    (
        *("case", "harmed", "harmed_by", "likelihood", "severity", "legal_setting"),
        *("decision", "review_due"),
    ),
    key="case",
)


@dataclass(frozen=True)
class Row:
    """One record as a file tells it, checked for shape; where says which it is."""

    shape: Shape
    data: dict
    where: str


def read(folder: Path) -> list[Row]:
    """All records of the fixtures in an order in which they can be written."""
    found = [
        *records(folder / "regions.yaml", REGION),
        *records(folder / "countries.yaml", COUNTRY),
        *records(folder / "sources.yaml", SOURCE),
    ]
    for n, (where, family) in enumerate(mappings(folder / "strategies.yaml", "slug")):
        strategies = family.pop("strategies", [])
        found.append(parse(FAMILY, where, {**family, "position": n}))
        for m, strategy in enumerate(strategies):
            extra = {"family": family.get("slug"), "position": m}
            at = f"{where}, {strategy.get('slug', f'strategies[{m}]')}"
            found.append(parse(STRATEGY, at, {**strategy, **extra}))
    found += records(folder / "forms.yaml", FORM, ordered=True)
    found += records(folder / "organisations.yaml", ORGANISATION)
    for path in sorted((folder / "cases").glob("*.y*ml")):
        found += records(path, CASE)
        if found[-1].data["code"] != path.stem:
            raise FixtureError(
                f"{found[-1].where}, code: the file is named {path.stem}; give it the"
                " code of its case"
            )
    found += records(folder / "lessons.yaml", LESSON, ordered=True)
    found += records(folder / "context.yaml", NOTE)
    found += records(folder / "risks.yaml", RISK)
    refuse_twins(found)
    return parents_first(found)


def refuse_twins(found: list[Row]) -> None:
    """A key names one record: a copy that kept its key would overwrite another."""
    seen: dict[tuple, str] = {}
    for row in found:
        key = row.shape.model, row.data[row.shape.key]
        if key in seen:
            raise FixtureError(
                f"{row.where}, {row.shape.key}: {seen[key]} has it already"
            )
        seen[key] = row.where


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads YAML, and refuses a key that stands twice in a mapping."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for name, _value in node.value:
            key = self.construct_object(name, deep=True)
            if not isinstance(key, Hashable):
                continue  # what is inherited refuses it
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{key}” stands twice", node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def mappings(path: Path, key: str) -> list[tuple[str, dict]]:
    """The mappings in a file, each with the words that say where it stands."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return listed(name, path.read_text(encoding="utf-8"), key)
    except FileNotFoundError:
        raise FixtureError(f"{name}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise FixtureError(f"{name}: {error}") from error


def listed(name: str, text: str, key: str) -> list[tuple[str, dict]]:
    """The mappings in a text, each with the words that say where it stands."""
    try:
        loaded = yaml.load(text, Loader)  # noqa: S506 — Loader is a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FixtureError(f"{name}: {error}") from error
    found = loaded if isinstance(loaded, list) else [loaded]
    for n, item in enumerate(found):
        if not isinstance(item, dict):
            raise FixtureError(f"{name}, record {n + 1}: this is not a mapping")
    return [
        (f"{name}, {item.get(key) or f'record {n + 1}'}", dict(item))
        for n, item in enumerate(found)
    ]


def records(path: Path, shape: Shape, *, ordered: bool = False) -> list[Row]:
    """The records in a file; ordered ones get their place in the file as position."""
    return [
        parse(shape, where, {**item, "position": n} if ordered else item)
        for n, (where, item) in enumerate(mappings(path, shape.key))
    ]


def parents_first(found: list[Row]) -> list[Row]:
    """Regions from the widest to the finest, and all else as it was."""
    by_code = {row.data["code"]: row for row in found if row.shape is REGION}

    def depth(row: Row) -> int:
        steps, code = 0, row.data.get("parent")
        while code in by_code and steps < len(by_code):
            steps, code = steps + 1, by_code[code].data["parent"]
        return steps

    wide = sorted(by_code.values(), key=depth)
    return [*wide, *(row for row in found if row.shape is not REGION)]


def parse(shape: Shape, where: str, item: dict) -> Row:
    """Check that a mapping has the keys of its shape, and bring it into one form."""
    return Row(shape, normal(shape, where, item), where)


def normal(shape: Shape, where: str, item: dict) -> Placed:
    """A mapping with plain values, lists of keys, and nested rows, in one form."""
    if not isinstance(item, dict):
        raise FixtureError(where, said="this is not a mapping")
    where = getattr(item, "where", where)
    known = {*shape.columns, *shape.many, *shape.children}
    for name in sorted(item.keys() - known, key=str):
        raise FixtureError(where, f"{name}", "there is no such field")
    for name in shape.fields:
        if name not in item:
            raise FixtureError(where, name, "this field is missing")
    if shape.cited and not item.get("citations"):
        raise FixtureError(where, "citations", "nothing is public without a source")
    if item.get("telling") == Telling.NAMED_ONLY and item.get("encounters"):
        raise FixtureError(where, "telling", "a case with encounters is described")
    item = {name: usual(shape, name) for name in shape.usual} | item
    data = {name: plain(shape, where, name, item[name]) for name in shape.columns}
    for name in shape.many:
        data[name] = sorted(many(where, name, item.get(name), str))
    for name, child in shape.children.items():
        data[name] = [
            normal(child, f"{where}, {name}[{n}]", row)
            for n, row in enumerate(many(where, name, item.get(name), dict))
        ]
    return Placed(data, where)


def many(where: str, name: str, value, kind: type) -> list:
    """The values of a list; nothing is an empty one."""
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(v, kind) for v in value):
        raise FixtureError(where, name, "write a list, each after a dash")
    return value


def usual(shape: Shape, name: str):
    """What a field holds where a file leaves it out."""
    column = shape.model._meta.get_field(name)
    return None if column.null else column.get_default()


def plain(shape: Shape, where: str, name: str, value):
    """A value as the database gives it back."""
    column = shape.model._meta.get_field(name)
    if column.is_relation or value is None:
        if value is None and not column.null:
            raise FixtureError(where, name, "this field cannot be empty")
        if isinstance(value, bool):
            raise FixtureError(where, name, "write it in quotation marks")
        return value
    if isinstance(column, models.JSONField):
        return value
    if isinstance(column, models.CharField | models.TextField):
        if not isinstance(value, str):
            raise FixtureError(where, name, f"write “{value}” in quotation marks")
        value = value.strip()
    try:
        return column.to_python(value)
    except ValidationError as error:
        raise FixtureError(where, name, " ".join(error.messages)) from error
    except (TypeError, OverflowError) as error:  # a list as a date, an endless year
        said = f"“{value}” is no value of this field"
        raise FixtureError(where, name, said) from error


@transaction.atomic
def load(found: list[Row], *, dry_run: bool = False) -> Counter:
    """Bring the database in step; count what was created, updated, left or kept.

    What is in the database and in no file is counted too, and left alone: a deleted
    file withdraws nothing.
    """
    book = Book()
    risks = [row for row in found if row.shape is RISK]
    found = [row for row in found if row.shape is not RISK]
    counts = Counter(book.write(row) for row in found)
    counts["not in the files"] = book.beside(found)
    for row in risks:
        book.assess(row)
    for case in book.cases:
        release(case)
    if book.tell() or counts["created"] or counts["updated"]:
        contain_regions()
        search.refresh()
        search.count_anew()
        keeping.save()
    transaction.set_rollback(dry_run)
    return counts


class Book:
    """What the database holds, by natural key, read once a model."""

    def __init__(self):
        self.shelves: dict[type[models.Model], dict[str, models.Model]] = {}
        self.cases: list[Case] = []  # those that the files decide on
        # Whether each record was public before, and whether it was written now.
        self.before: dict[Record, tuple[bool, bool]] = {}
        self.gone = ledger.gone()

    def shelf(self, model: type[models.Model]) -> dict[str, models.Model]:
        """Every record of a model by the key that fixtures use."""
        if model not in self.shelves:
            key = key_of(model)
            self.shelves[model] = {getattr(o, key): o for o in model.objects.all()}
        return self.shelves[model]

    def find(
        self, model: type[models.Model], key: str, where: str, name: str
    ) -> models.Model:
        """The record with this key, or an error that says where it was named."""
        try:
            found = self.shelf(model)[key]
        except (KeyError, TypeError):
            said = f"there is no “{key}”{self.near(model, str(key))}"
            raise FixtureError(where, name, said) from None
        while getattr(found, "merged_into_id", None):
            found = found.merged_into
        return found

    def near(self, model: type[models.Model], key: str) -> str:
        """The keys that are spelled, or whose record is called, much like this."""
        words = {str(record).casefold(): k for k, record in self.shelf(model).items()}
        words |= {k.casefold(): k for k in self.shelf(model)}
        alike = get_close_matches(key.casefold()[:80], words, n=3, cutoff=0.7)
        found = dict.fromkeys(words[word] for word in alike)
        return (
            f"; did you mean {' or '.join(f'“{k}”' for k in found)}?" if found else ""
        )

    def beside(self, found: list[Row]) -> int:
        """How many records the database holds that no file tells of."""
        told = Counter(row.shape.model for row in found)
        return sum(len(self.shelf(model)) - n for model, n in told.items())

    def write(self, row: Row) -> str:
        """Create or update one record; say which, or that nothing was to do."""
        model, key = row.shape.model, row.data[row.shape.key]
        record, verb = self.shelf(model).get(key), "unchanged"
        is_gone = (model._meta.model_name, key) in self.gone
        if record and (is_gone or is_kept(record)):
            return "kept"
        was_public = isinstance(record, Record) and record.live
        if not record or told(record, row.shape) != row.data:
            verb = "updated" if record else "created"
            record = record or model()
            if is_gone:
                record.withdrawn_at = timezone.now()
            self.fill(record, row.shape, row.data, row.where)
            self.shelf(model)[key] = record
        if isinstance(record, Record):
            self.decide(record, row)
            self.before[record] = was_public, verb != "unchanged"
        return "kept" if is_gone else verb

    def decide(self, record: Record, row: Row) -> None:
        """Whether a record may be shown, as far as withdrawals go."""
        may_show = not record.withdrawn_at and not self.leans(row.shape, row.data)
        if may_show and isinstance(record, Case):
            self.cases.append(record)
        if not may_show and record.live:
            record.live = False
            type(record).objects.filter(pk=record.pk).update(live=False)

    def leans(self, shape: Shape, data: dict) -> bool:
        """Whether what is shown of a row would show something that was withdrawn."""
        for name in shape.columns:
            model = shape.model._meta.get_field(name).related_model
            is_record = model and issubclass(model, Record) and data[name] is not None
            if is_record and self.shelf(model)[data[name]].withdrawn_at:
                return True
        return any(
            self.leans(child, row)
            for name, child in shape.children.items()
            for row in data[name]
        )

    def tell(self) -> int:
        """Tell the public of each record that it sees anew, or sees no longer."""
        changes = []
        for record, (was_public, is_written) in self.before.items():
            if record.live and not was_public:
                what = ChangeKind.PUBLISHED
            elif record.live and is_written:
                what = ChangeKind.CHANGED
            elif was_public and not record.live:
                what = ChangeKind.HIDDEN
            else:
                continue
            kind = record._meta.model_name
            changes.append(Change(kind=kind, record_id=record.pk, what=what))
        return len(Change.objects.bulk_create(changes))

    def assess(self, row: Row) -> None:
        """Give a case that nobody has assessed the assessment in the files."""
        case = self.find(Case, row.data["case"], row.where, "case")
        if not case.assessments.exists():
            self.fill(RiskAssessment(), RISK, row.data, row.where)

    def fill(self, record: models.Model, shape: Shape, data: dict, where: str) -> None:
        """Write a record and all that hangs below it."""
        for name in shape.columns:
            column, value = shape.model._meta.get_field(name), data[name]
            if column.is_relation and value is not None:
                value = self.find(column.related_model, value, where, name)
            setattr(record, name, value)
        if isinstance(record, Record):
            if not isinstance(record, Case):
                record.live = not record.withdrawn_at
            record.last_published_at = timezone.now()
            record.first_published_at = record.first_published_at or timezone.now()
        check(record, where)
        models.Model.save(record)
        for name in shape.many:
            model = shape.model._meta.get_field(name).related_model
            found = [self.find(model, k, where, name) for k in data[name]]
            through = getattr(record, name).through
            ends = [f.name for f in through._meta.fields if f.is_relation]
            through.objects.filter(**{ends[0]: record}).delete()
            through.objects.bulk_create(
                through(**{ends[0]: record, ends[1]: other}) for other in found
            )
        for name, child in shape.children.items():
            relation = shape.model._meta.get_field(name)
            parent = relation.field.name
            child.model.objects.filter(**{parent: record}).delete()
            for n, row in enumerate(data[name]):
                item = child.model(**{parent: record, "sort_order": n})
                self.fill(item, child, row, f"{where}, {name}[{n}]")


def release(case: Case) -> None:
    """Make a case of the files public where that is allowed."""
    if settle(case).is_open and not case.live:
        Case.objects.filter(pk=case.pk).update(live=True)
        case.live = True


def is_kept(record: models.Model) -> bool:
    """Whether the desk, and no file, decides on a record by now."""
    return isinstance(record, Record) and bool(
        record.withdrawn_at or record.latest_revision_id
    )


def key_of(model: type[models.Model]) -> str:
    """The field by which fixtures name a record of the model."""
    return "code" if model in (Region, Country, Case) else "slug"


def told(record: models.Model, shape: Shape) -> dict:
    """What the database holds of a record, in the form that a file is brought into."""
    data = {}
    for name in shape.columns:
        value = getattr(record, name)
        if isinstance(value, models.Model):
            value = getattr(value, key_of(type(value)))
        data[name] = value
    for name in shape.many:
        model = shape.model._meta.get_field(name).related_model
        data[name] = sorted(getattr(record, name).values_list(key_of(model), flat=True))
    for name, child in shape.children.items():
        data[name] = [told(row, child) for row in getattr(record, name).all()]
    return data


def check(record: models.Model, where: str) -> None:
    """Let the model say what is wrong, field by field, before the database does."""
    try:
        record.full_clean()
    except ValidationError as error:
        raise explained(record, error, where) from error


def explained(record: models.Model, error: ValidationError, where: str) -> FixtureError:
    """What a model says is wrong, with the values that it would take."""
    name, messages = next(iter(error.message_dict.items()))
    if name == "__all__":
        return FixtureError(where, said=" ".join(messages))
    column = record._meta.get_field(name)
    if column.choices:
        values = (str(value) for value, _label in column.choices)
        messages = [*messages, f"Write one of: {', '.join(values)}."]
    return FixtureError(where, name, " ".join(messages))


def contain_regions() -> None:
    """Write down, for each region, all that contain it, itself included."""
    by_code = {region.code: region for region in Region.objects.all()}
    through = Region.within.through
    through.objects.all().delete()
    pairs = []
    for region in by_code.values():
        outer: Region | None = region
        while outer:
            pairs.append(through(from_region=region, to_region=outer))
            outer = by_code.get(outer.parent_id)
    through.objects.bulk_create(pairs)
