"""What to take along: the files of the offline edition, while they are true."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kb.offline import shelf
from kb.pages.errors import error_page


@require_safe
def take_along(request: HttpRequest) -> HttpResponse:
    """The files, how to open them, and what to think of before."""
    return render(request, "offline/take_along.html", {"shelved": shelf.offered()})


@never_cache
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """One file; none once it holds what may not be given away any more."""
    if name not in shelf.KINDS:
        raise Http404
    opened = shelf.opened(name)
    if not opened:
        text = _("There is no such file at present.")
        return error_page(request, 404, text)
    # It is small already: nothing is to compress it again on its way.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    kind = shelf.KINDS[name]
    return FileResponse(opened, as_attachment=True, filename=name, content_type=kind)
