"""What changed, for everybody: newest first, and what is no longer here.

What is not public now is told by its kind alone, and a case by its code: neither its
title nor its address can be learnt here by whoever does not have them already.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.search import KINDS
from sources.choices import ChangeKind
from sources.models import Change, Record
from sources.querysets import RecordQuerySet

PER_PAGE = 50
MODELS = {model._meta.model_name: model for model in KINDS.values()}
# What is told of a record that is not public now.
LEFT = {
    ChangeKind.WITHDRAWN: _("{what} was withdrawn"),
    ChangeKind.HIDDEN: _("{what} was taken back for review"),
    ChangeKind.MERGED: _("{what} was merged into another"),
}
ONE = {
    "case": _("A case"),
    "resistanceform": _("A form of resistance"),
    "strategyfamily": _("A family of strategies"),
    "strategy": _("A strategy"),
    "organisation": _("The record of an organisation"),
    "lesson": _("A lesson"),
    "contextnote": _("A context note"),
    "source": _("A source"),
}


@dataclass(frozen=True)
class Told:
    """A change as everybody may read it."""

    at: datetime
    what: str | Promise
    words: str = ""
    record: Record | None = None  # only where it is public now
    number: int = 0  # which change it is: one more with each


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    page = Paginator(tellable(), PER_PAGE).get_page(request.GET.get("page", "1"))
    context = {"page": page, "changes": list(told(page.object_list))}
    return render(request, "pages/changes.html", context)


@require_safe
def withdrawn(request: HttpRequest) -> HttpResponse:
    """For mirrors: codes of cases that are gone, and what stands for each address."""
    found = [record for model in MODELS.values() for record in left(model.objects)]
    codes = sorted(record.code for record in found if isinstance(record, Case))
    paths = sorted(fingerprint(record.get_absolute_url()) for record in found)
    return JsonResponse({"cases": codes, "paths_sha256": paths})


def tellable() -> QuerySet[Change]:
    """Changes of what is public now, and that other records left."""
    may = Q(what__in=LEFT)
    for kind, model in MODELS.items():
        published = model.objects.published().order_by().values("pk")
        may |= Q(kind=kind, record_id__in=published)
    return Change.objects.filter(may)


def told(found: QuerySet[Change]) -> Iterator[Told]:
    """Changes in words; each kind of record is asked for once."""
    found = list(found)
    keys = {kind: [c.record_id for c in found if c.kind == kind] for kind in MODELS}
    public = {
        (kind, record.pk): record
        for kind, some in keys.items()
        if some
        for record in MODELS[kind].objects.published().filter(pk__in=some)
    }
    cases = Case.objects.filter(pk__in=keys["case"])
    codes = dict(cases.values_list("pk", "code")) if keys["case"] else {}
    for change in found:
        record = public.get((change.kind, change.record_id))
        if record:
            what = change.get_what_display()
            yield Told(change.at, what, change.words, record, change.pk)
            continue
        what = LEFT[change.what].format(what=ONE[change.kind])
        code = codes.get(change.record_id) if change.kind == "case" else ""
        what = f"{what} ({code})" if code else what
        yield Told(change.at, what, number=change.pk)


def left(records: RecordQuerySet) -> RecordQuerySet:
    """Records that were public once and are not now; a merged one has a new address."""
    kind = records.model._meta.model_name
    hidden = Change.objects.filter(kind=kind, what=ChangeKind.HIDDEN)
    gone = Q(withdrawn_at__isnull=False) | Q(pk__in=hidden.values("record_id"))
    if records.model is Case:
        gone |= Q(live=True, visible_until__lte=timezone.now())
    published = records.published().order_by().values("pk")
    return records.filter(gone, merged_into=None).exclude(pk__in=published)


def fingerprint(address: str) -> str:
    """What stands for an address, for those who have it."""
    return hashlib.sha256(address.encode()).hexdigest()
