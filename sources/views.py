"""The pages of sources, each with every statement it carries."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sources.choices import Basis
from sources.doors import published_or_gone
from sources.models import Change, Source
from sources.previews import page_of
from sources.statements import carried_by, counted


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    sources = counted(Source.objects.published().by_title())
    return render(request, "sources/list.html", {"sources": sources})


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    return source_page(request, published_or_gone(Source.objects.all(), slug=slug))


@page_of(Source)
def source_page(request: HttpRequest, source: Source) -> HttpResponse:
    context = {
        "source": source,
        "statements": carried_by(source),
        "reading": Basis.READING,
        "changes": Change.objects.of(source),
    }
    return render(request, "sources/detail.html", context)
