"""Cases from a file: check it, see what would change, confirm exactly that.

Between the check and the confirmation the file is kept in the form itself, signed for
the person who sent it: nothing of a draft is left on the server, in no cache and no
folder, when somebody does not confirm.
"""

import base64
import zlib

from django import forms
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from cases.importing import FixtureError
from curation.exporting import WRITERS, write
from curation.importing import Fate, Outdated, Plan, apply, plan
from curation.roles import AUTHORS, ROLES, only
from curation.sheets import MOST_BYTES, read
from curation.tables import FileError, complaint
from curation.template import template
from curation.texts import exported

GOOD_FOR = 3600  # seconds from the check to the confirmation
MOST_KEPT = 2_000_000  # letters in a form: Django refuses more than 2.5 MB
MOST_SHOWN = 100

TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".yaml": "application/yaml",
}


class UploadForm(forms.Form):
    """The file that is to be checked."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("XLSX, CSV or YAML; at most 10 MB and 20,000 rows."),
        widget=forms.FileInput({"accept": ".xlsx,.csv,.yaml,.yml"}),
        error_messages={"empty": gettext_lazy("This file is empty.")},
    )


@only(AUTHORS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_cases(request: HttpRequest) -> HttpResponse:
    """Send a file, look at what it would do, and let it."""
    if "kept" in request.POST:
        return confirm(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent)
    if form.is_valid():
        file = form.cleaned_data["file"]
        return check(request, file.name, file.read(MOST_BYTES + 1))
    return show(request, form)


def show(request: HttpRequest, form: UploadForm, status=200, **told) -> HttpResponse:
    """The screen, with what was found in a file where there is one."""
    empty = dict.fromkeys(("name", "errors", "counts", "steps", "more", "kept"), "")
    context = empty | {"form": form, "kinds": list(TYPES)} | told
    return render(request, "curation/import.html", context, status=status)


def check(request: HttpRequest, name: str, content: bytes, status=200) -> HttpResponse:
    """Show what a file would change, or what is wrong with it."""
    found = planned(request, name, content)
    kept = sealed(request, name, content, found) if found.writes else ""
    errors = [complaint(error) for error in found.errors]
    if len(kept) > MOST_KEPT:
        errors, kept = [_("This file is too large to confirm here: cut it up.")], ""
    steps = [step for step in found.steps if step.fate != Fate.UNCHANGED]
    return show(
        request,
        UploadForm(),
        status,
        name=name,
        errors=errors,
        counts=[(fate.label, found.counts[fate]) for fate in Fate],
        steps=steps[:MOST_SHOWN],
        more=max(0, len(steps) - MOST_SHOWN),
        kept=kept,
    )


def planned(request: HttpRequest, name: str, content: bytes) -> Plan:
    """What a file would do, what is wrong with it included."""
    try:
        return plan(read(name, content), by=request.user)
    except FileError as error:
        return Plan(errors=error.errors)


def salt(request: HttpRequest) -> str:
    """What was signed for one person is no use to another."""
    return f"curation.import.{request.user.pk}"


def sealed(request: HttpRequest, name: str, content: bytes, found: Plan) -> str:
    """The file and what it would do, signed, to be sent back with the confirmation."""
    packed = base64.b85encode(zlib.compress(content)).decode()
    kept = {"name": name, "content": packed, "digest": found.digest}
    return signing.dumps(kept, salt=salt(request))


def confirm(request: HttpRequest) -> HttpResponse:
    """Do what was shown; where the database has changed since, show it again."""
    try:
        kept = signing.loads(request.POST["kept"], salt=salt(request), max_age=GOOD_FOR)
    except signing.BadSignature:
        messages.error(request, _("This took too long: send the file again."))
        return redirect("curation:import")
    content = zlib.decompress(base64.b85decode(kept["content"]))
    try:
        counts = write_drafts(request, kept, content)
    except Outdated:
        messages.warning(
            request, _("The records were changed since you looked: look again.")
        )
        return check(request, kept["name"], content, status=409)
    messages.success(request, said(counts[Fate.NEW] + counts[Fate.CHANGED]))
    return redirect("curation:import")


def said(count: int) -> str:
    return ngettext(
        "One draft is written. Nothing public has changed.",
        "{count} drafts are written. Nothing public has changed.",
        count,
    ).format(count=count)


@transaction.atomic
def write_drafts(request: HttpRequest, kept: dict, content: bytes) -> dict:
    """Write the drafts, if the file still does what was shown."""
    found = planned(request, kept["name"], content)
    if found.digest != kept["digest"]:
        raise Outdated
    return apply(found, by=request.user)


@require_safe
@only(AUTHORS)
def download_template(request: HttpRequest) -> HttpResponse:
    """A file to fill in."""
    ending = chosen(request)
    return attached(template(ending), f"template{ending}")


@require_safe
@only(*ROLES)
def export(request: HttpRequest) -> HttpResponse:
    """The newest text of every case, drafts included."""
    ending = chosen(request)
    try:
        content = write(ending, exported())
    except FixtureError as error:
        messages.error(request, complaint(error))
        return redirect("wagtailadmin_home")
    return attached(content, f"cases-{timezone.now():%Y-%m-%d}{ending}")


def chosen(request: HttpRequest) -> str:
    """The kind of file that is asked for; a workbook unless something else is."""
    ending = f".{request.GET.get('kind', 'xlsx')}"
    if ending not in WRITERS:
        raise Http404
    return ending


def attached(content: bytes, name: str) -> HttpResponse:
    """A file to keep."""
    ending = name[name.rindex(".") :]
    response = HttpResponse(content, content_type=TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
