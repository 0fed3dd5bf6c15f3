"""Small files that programs ask for by name."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.models import Region
from kb.replicas.watch import watch

FAVICON = settings.BASE_DIR / "static/img/favicon.ico"
PLAIN = "text/plain; charset=utf-8"


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = request.build_absolute_uri(reverse("pages:sitemap"))
    lines = ["User-agent: *", "Disallow: /leave/", "", f"Sitemap: {sitemap}", ""]
    return HttpResponse("\n".join(lines), content_type=PLAIN)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(FAVICON.read_bytes(), content_type="image/x-icon")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Always half a year ahead, so it cannot expire unseen while the site is up."""
    expires = timezone.now().replace(hour=0, minute=0, second=0) + timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {request.build_absolute_uri()}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type=PLAIN)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers."""
    return HttpResponse("ok\n", content_type=PLAIN)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether it can serve pages: the database answers and holds our tables."""
    try:
        ready = Region.objects.exists()
    except DatabaseError:
        ready = False
    if not ready:
        text = "not ready: the database does not answer or is empty\n"
        return HttpResponse(text, content_type=PLAIN, status=503)
    if not watch().is_writable():
        text = "ready for readers: the primary does not answer, so the desk is closed\n"
        return HttpResponse(text, content_type=PLAIN)
    return HttpResponse("ready\n", content_type=PLAIN)
