"""Every way in which the public could see a case.

A public address that is not registered here fails a test. So does one that shows a
case that may not be seen: the tests fetch what stands here for cases of all kinds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import reverse

from cases.choices import Scope
from cases.facets import AXES
from cases.models import Case, Country
from kb.api.gathering import includable
from kb.exports.models import DatasetVersion
from kb.exports.tables import TABLES
from kb.offline import shelf
from sources.formats import FORMATS

SITEMAP = "pages:sitemap_of"

type Addresses = Callable[[Case], Iterator[str]]


@dataclass(frozen=True)
class Output:
    """One kind of public page or file, by the name of its address."""

    name: str
    scope: Scope | None  # the consent that it needs; None: it shows no case
    addresses: Addresses  # where to look for a case


def page(name: str) -> Output:
    """One address that is the same whatever the case."""
    return Output(name, Scope.TEXT, lambda case: iter([reverse(name)]))


def silent(name: str) -> Output:
    """An address that shows no case, and is looked at all the same."""
    return Output(name, None, lambda case: iter([reverse(name)]))


def on(name: str, addresses: Addresses) -> Output:
    """Addresses that depend on the case."""
    return Output(name, Scope.TEXT, addresses)


def about(name: str, addresses: Addresses) -> Output:
    """Addresses that depend on the case, and tell nothing of it."""
    return Output(name, None, addresses)


def lists(case: Case) -> Iterator[str]:
    """The list, as it is, searched, and filtered by what the case is about."""
    address = reverse("cases:list")
    yield address
    yield f"{address}?q={case.code}"
    yield f"{address}?telling={case.telling}&sort=checked"
    yield f"{address}?country={case.country_id or 'not-stated'}"


def forms(case: Case) -> Iterator[str]:
    for encounter in case.encounters.all():
        if encounter.form:
            yield encounter.form.get_absolute_url()


def strategies(case: Case) -> Iterator[str]:
    for encounter in case.encounters.all():
        for response in encounter.responses.all():
            if response.strategy:
                yield response.strategy.get_absolute_url()


def sources(case: Case) -> Iterator[str]:
    for citation in case.citations.all():
        yield citation.source.get_absolute_url()


def countries(case: Case) -> Iterator[str]:
    """The page of its country; of any, where it tells none: it must not stand there."""
    for country in [case.country] if case.country else Country.objects.all()[:3]:
        yield country.get_absolute_url()


def matrices(case: Case) -> Iterator[str]:
    for name in AXES:
        yield f"{reverse('cases:matrix')}?axes={name}"


def suggestions(case: Case) -> Iterator[str]:
    """Suggested by the beginning of its title, on a page and to a program."""
    address = f"{reverse('cases:suggest')}?q={quote(case.title[:5])}"
    yield address
    yield f"{address}&format=json"


# The files that hold every table, and some that hold one.
SOME_FILES = ("data.zip", "data.xlsx", "data.json", "cases.csv", "citations.csv")


def given(name: str, addresses: Addresses) -> Output:
    """What gives cases away as data."""
    return Output(name, Scope.EXPORT, addresses)


def data_pages(case: Case) -> Iterator[str]:
    """The page about the data, of everything and of one case."""
    address = reverse("exports:home")
    yield address
    yield f"{address}?q={case.code}"


def data_files(case: Case) -> Iterator[str]:
    """Files of everything, and of a filter."""
    for name in SOME_FILES:
        yield reverse("exports:file", args=[name])
    yield f"{reverse('exports:file', args=['data.json'])}?q={case.code}"
    name = "encounters.datapackage.json"
    yield f"{reverse('exports:file', args=[name])}?q={case.code}"


def matrix_files(case: Case) -> Iterator[str]:
    for name in AXES:
        yield f"{reverse('exports:matrix', args=['matrix.csv'])}?axes={name}"


def versions(case: Case) -> Iterator[str]:
    """The oldest version that there is."""
    for number in DatasetVersion.objects.order_by("number").values_list("pk")[:1]:
        yield reverse("exports:version", args=number)


def version_files(case: Case) -> Iterator[str]:
    """Files of the oldest version."""
    for number in DatasetVersion.objects.order_by("number").values_list("pk")[:1]:
        for name in SOME_FILES:
            yield reverse("exports:version_file", args=[*number, name])


def feeds(case: Case) -> Iterator[str]:
    """The feed of everything, of a filter, and of a cell of the matrix."""
    address = reverse("feeds:cases")
    yield address
    yield f"{address}?q={case.code}"
    for encounter in case.encounters.all():
        if encounter.form:
            yield f"{address}?met_by={encounter.form.slug}~{encounter.actor}"


def gaps(case: Case) -> Iterator[str]:
    """The page of feeds, with the cells of each matrix."""
    for name in AXES:
        yield f"{reverse('feeds:home')}?axes={name}"


def answers(case: Case) -> Iterator[str]:
    """Each table of the API, with all that it can include."""
    for name, table in TABLES.items():
        inner = ",".join(includable(table))
        include = f"&include={inner}" if inner else ""
        yield f"{reverse('api:table', args=[name])}?q={case.code}{include}"
    yield reverse("api:table", args=["cases"])
    yield reverse("api:table", args=["citations"])


def answered_records(case: Case) -> Iterator[str]:
    """The case by itself, and its first encounter."""
    yield reverse("api:record", args=["cases", case.code])
    yield reverse("api:record", args=["encounters", f"{case.code}/1"])


def counts(case: Case) -> Iterator[str]:
    """The numbers beside all filters."""
    address = reverse("api:facets")
    yield address
    yield f"{address}?q={case.code}"


def tables(case: Case) -> Iterator[str]:
    for name in TABLES:
        yield reverse("exports:table", args=[name])


def handouts(case: Case) -> Iterator[str]:
    """The case on paper, and the strategies that it used."""
    address = reverse("handouts:handout")
    yield f"{address}?case={case.code}"
    yield from (f"{address}?strategy={slug}" for slug in slugs_of_strategies(case))


def slugs_of_strategies(case: Case) -> Iterator[str]:
    for encounter in case.encounters.all():
        for response in encounter.responses.all():
            if response.strategy:
                yield response.strategy.slug


def packages(case: Case) -> Iterator[str]:
    """Every file of the offline edition."""
    for name in shelf.KINDS:
        yield reverse("offline:file", args=[name])


def lessons(case: Case) -> Iterator[str]:
    """Where each lesson of the case would be, if it had a page of its own."""
    for lesson in case.lessons.all():
        yield f"{reverse('cases:lessons')}{lesson.slug}/"


def cited(pages: Iterable[str], *more: str) -> Iterator[str]:
    """How each page is cited: as files of each kind, and of more."""
    for page in pages:
        path, mark, query = page.partition("?")
        for ending in (*FORMATS, *more):
            yield f"{path}cite.{ending}{mark}{query}"


OUTPUTS = (
    page("pages:home"),
    page("pages:about"),
    silent("pages:sitemap"),
    on("pages:sitemap_of", lambda case: iter([reverse(SITEMAP, args=["cases"])])),
    page("pages:changes"),
    page("pages:withdrawn"),
    on("cases:list", lists),
    on("cases:detail", lambda case: iter([case.get_absolute_url()])),
    on(
        "cases:compare",
        lambda case: iter([f"{reverse('cases:compare')}?case={case.code}"]),
    ),
    on("cases:matrix", matrices),
    *(page(f"figures:{name}") for name in ("svg", "png", "poster", "poster_pdf")),
    on("handouts:handout", handouts),
    on(
        "handouts:pdf",
        lambda case: iter([f"{reverse('handouts:pdf')}?case={case.code}"]),
    ),
    on("cases:suggest", suggestions),
    on("citing:list", lambda case: cited(lists(case))),
    on("citing:matrix", lambda case: cited(matrices(case))),
    on("citing:case", lambda case: cited([case.get_absolute_url()], "svg")),
    about("citing:form", lambda case: cited(forms(case))),
    about("citing:strategy", lambda case: cited(strategies(case))),
    about("citing:lesson", lambda case: cited(lessons(case))),
    about("citing:source", lambda case: cited(sources(case))),
    page("cases:countries"),
    on("cases:country", countries),
    page("cases:forms"),
    on("cases:form", forms),
    page("cases:lessons"),
    page("strategies:list"),
    on("strategies:detail", strategies),
    page("sources:list"),
    on("sources:detail", sources),
    given("exports:home", data_pages),
    given("exports:file", data_files),
    given("exports:matrix", matrix_files),
    given("exports:version", versions),
    given("exports:version_file", version_files),
    silent("exports:versions"),
    given("api:table", answers),
    given("api:record", answered_records),
    given("api:facets", counts),
    silent("api:openapi"),
    silent("api:home"),
    given("feeds:cases", feeds),
    given("feeds:home", gaps),
    page("feeds:changes"),
    Output("exports:table", None, tables),
    Output("offline:file", Scope.PACKAGE, packages),
    silent("offline:page"),
    silent("pages:safety"),
    silent("pages:leave"),
    silent("pages:robots"),
    silent("pages:favicon"),
    silent("pages:security"),
    silent("pages:healthz"),
    silent("pages:readyz"),
)


def addresses(case: Case) -> Iterator[str]:
    """Everywhere to look for a case."""
    for output in OUTPUTS:
        yield from output.addresses(case)
