"""The log of who did what, to read and no more."""

from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from curation.models import AuditEntry
from curation.roles import ADMINS, only

ON_A_PAGE = 50


@require_safe
@only(ADMINS)
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest first; `code` shows one record’s part of it."""
    code = request.GET.get("code", "").replace("\0", "").strip()
    entries = AuditEntry.objects.order_by("-pk")
    if code:
        entries = entries.filter(code=code)
    page = Paginator(entries, ON_A_PAGE).get_page(request.GET.get("page"))
    names = get_user_model().objects.in_bulk([entry.account for entry in page])
    rows = [(entry, names.get(entry.account)) for entry in page]
    context = {"rows": rows, "page": page, "code": code}
    return render(request, "curation/log.html", context)
