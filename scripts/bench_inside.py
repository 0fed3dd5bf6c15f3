"""Measured inside one process, on the database of DATABASE_URL.

    python scripts/bench_inside.py RESULT.json PART...

The results are milliseconds by part and name, a list each, unless the name says
otherwise.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import kb.wsgi  # noqa: F401  # isort: skip — it sets up a process as a server is

import bench_requests
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from cases import cards, facets, plain, postings
from cases.filters import CaseFilter
from cases.models import Case
from cases.views.listing import PER_PAGE, case_list, matrix
from sources.turns import take_turn

ROUNDS = 3
PATIENCE = 1  # seconds for the reference, for each kind of request
WRITES = 15
ONCE = 5  # writes before those, in which what a process does once is done


def timed(work: Callable, *args) -> float:
    """How many milliseconds something takes."""
    start = time.perf_counter()
    work(*args)
    return (time.perf_counter() - start) * 1000


def query_of(pairs: list) -> str:
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data.urlencode()


def ours(query: str) -> int:
    """Counts beside every value, the total, and the first cards."""
    filters = CaseFilter(QueryDict(query))
    facets.offered(filters.selection, filters.vocabulary, filters.found)
    keys = list(filters.found[:PER_PAGE])
    cards.shown(keys, filters.seen)
    return len(filters.found)


def reference(query: str) -> int:
    """The same, each question asked of the tables through the ORM."""
    filters = CaseFilter(QueryDict(query))
    found = plain.matching(filters.selection)
    plain.shown(filters.selection, filters.vocabulary)
    list(found.order_by("telling", "code").with_encounters()[:PER_PAGE])
    return found.count()


def our_matrix(query: str) -> None:
    filters = CaseFilter(QueryDict(query))
    axes = facets.AXES["form-family"]
    facets.table(filters.selection, axes, filters.vocabulary, filters.seen)


def reference_matrix(query: str) -> None:
    filters = CaseFilter(QueryDict(query))
    found = plain.matching(filters.selection)
    form, family = facets.FACETS["form"], facets.FACETS["family"]
    for levels in ((form, family), (form,), (family,)):
        plain.count_by(found, *levels)
    found.count()


def server() -> dict:
    """Time of the work behind a page, and how many queries it asks.

    Apart from the reference: what reads whole tables for seconds leaves nothing of ours
    in the processor’s memory, as no other work of a server does. Pages are asked for in
    turn. What search has noted beside its sets is settled first, as it is each minute.
    """
    with transaction.atomic():
        take_turn()
        postings.settle()
    ours("")  # so that what a process does once is done
    results = {}
    for kind, queries in asked().items():
        results |= our_times(kind, queries)
    return results


def reference_server() -> dict:
    """Time of the same work by the reference, which must find as many cases as we."""
    results = {}
    for kind, queries in asked().items():
        results |= reference_times(kind, queries)
    return results


def asked() -> dict[str, list[str]]:
    """What is asked, by kind."""
    told = json.loads(Path(os.environ["BENCH_REQUESTS"]).read_text())["requests"]
    return {kind: [query_of(pairs) for pairs in r] for kind, r in told.items()}


def often(queries: list[str]) -> list[str]:
    """The queries of a kind; where there is one, it is asked again."""
    return queries if len(queries) > 1 else queries * 10


def our_times(kind: str, queries: list[str]) -> dict[str, list[float]]:
    """Times of ours and of the view, and how many queries it asks."""
    work, view = (our_matrix, matrix) if kind == "M1" else (ours, case_list)
    results = {}
    if kind == "PT":
        results["PT cold"] = [timed(work, query) for query in queries]
    work(queries[0])
    results[kind] = [timed(work, q) for q in often(queries) for _ in range(ROUNDS)]
    factory = RequestFactory(headers={"host": "127.0.0.1"})
    shown = [factory.get("/cases/", QueryDict(query)) for query in queries]
    results[f"{kind} view"] = [timed(view, request) for request in shown * 2]
    with CaptureQueriesContext(connection) as seen:
        view(shown[0])
    return results | {f"{kind} queries": [len(seen)]}


def reference_times(kind: str, queries: list[str]) -> dict[str, list[float]]:
    """Times of the reference for one kind."""
    slow = reference_matrix if kind == "M1" else reference
    end, times, found = time.monotonic() + PATIENCE, [], []
    for query in often(queries):
        if not times or time.monotonic() < end:
            times.append(timed(lambda query=query: found.append(slow(query))))
    if kind != "M1" and found[0] != ours(queries[0]):
        sys.exit(f"{kind}: we and the reference find different numbers of cases.")
    return {f"{kind} ORM": times}


def resident() -> float:
    """The memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def rebuild() -> dict:
    """How long it takes to make the index anew and to keep it."""
    return {"rebuild": [timed(lambda: call_command("build_index", stdout=sys.stderr))]}


def cold() -> dict:
    """What a new process does until its first answer, and the index it then holds.

    The first part of a process, and not of one that made the index: that has memory
    left to hold another.
    """
    connection.ensure_connection()
    before = resident()
    start = timed(ours, "evidence=study&telling=described")
    return {"cold start": [start], "index MB": [resident() - before]}


def people() -> dict:
    """An author, two reviewers and a publisher of the benchmark’s own."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group, Permission

    from curation.roles import AUTHORS, PUBLISHERS, REVIEWERS, make_groups

    make_groups(Group.objects, Permission.objects)
    found = {}
    for name, role in (
        ("author", AUTHORS),
        ("reviewer", REVIEWERS),
        ("publisher", PUBLISHERS),
    ):
        user, _made = get_user_model().objects.get_or_create(username=f"bench-{name}")
        user.groups.set(Group.objects.filter(name=role))
        found[name] = user
    return found


def cite(case: Case) -> None:
    """Give each statement of a case a source: without, none is released."""
    from sources.models import Source

    source = Source.objects.published().first()
    rows = [case, *case.encounters.all()]
    rows += [answer for row in case.encounters.all() for answer in row.responses.all()]
    for row in rows:
        model = row._meta.get_field("citations").related_model
        if not model.objects.filter(parent=row.pk).exists():
            model.objects.create(parent_id=row.pk, source=source, basis="stated")


def ready(case: Case, by: dict) -> None:
    """Have a withdrawn case reviewed, and everything explained, for its release."""
    from curation.drafts import draft_of
    from curation.models import Explanation
    from curation.releasing import standing
    from curation.reviewing import review

    digest = draft_of(case).digest
    review(case, by=by["reviewer"], digest=digest, opinion="approve")
    for finding in standing(case).findings:
        if not finding.explanation:
            Explanation.objects.get_or_create(
                kind="case",
                record_id=case.pk,
                finding=finding.key,
                defaults={"by": by["reviewer"], "why": "Made up."},
            )


def write() -> dict:
    """Withdraw cases and release them again; each ends with the index in step.

    The same cases each time, so that it is the same work but for one version more.
    """
    from curation.releasing import release
    from curation.withdrawing import withdraw

    by, results = people(), {"withdraw": [], "publish": []}
    public = Case.objects.published().filter(
        pk__gte=1000, telling="described", last_checked__gte=date(2023, 1, 1)
    )
    facets.view()
    for key in public.order_by("pk").values_list("pk", flat=True)[: ONCE + WRITES]:
        case = Case.objects.get(pk=key)
        cite(case)
        case = Case.objects.get(pk=key)
        case.save_revision(user=by["author"], clean=False)
        facets.view()

        def gone(case=case):
            withdraw(case, by=by["publisher"])
            facets.view()

        results["withdraw"].append(timed(gone))
        case = Case.objects.get(pk=key)
        ready(case, by)

        def back(case=case):
            release(case, by=by["publisher"], words="Looked at again.")
            facets.view()

        results["publish"].append(timed(back))
        if not Case.objects.published().filter(pk=key).exists():
            sys.exit("A case that was released is not public.")
    return {name: times[ONCE:] for name, times in results.items()}


PARTS = {
    "requests": bench_requests.drawn,
    "server": server,
    "reference": reference_server,
    "rebuild": rebuild,
    "cold": cold,
    "write": write,
}

if __name__ == "__main__":
    found = {part: PARTS[part]() for part in sys.argv[2:]}
    Path(sys.argv[1]).write_text(json.dumps(found))
