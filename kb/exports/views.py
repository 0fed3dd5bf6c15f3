"""The page about the data, and its files: of now, of a filter, of a version."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.facets import Axes
from cases.filters import readable
from kb.exports import about
from kb.exports.about import LICENCE_ADDRESS, About, Dataset
from kb.exports.choosing import MOST_TOLD, BadFilter, Chosen, chosen
from kb.exports.codebook import HEADINGS
from kb.exports.columns import Table
from kb.exports.files import FILES, MATRIX_FILES, PACKAGE, WHOLE, File
from kb.exports.kept import Kept
from kb.exports.matrix import cells
from kb.exports.models import DatasetVersion
from kb.exports.tables import TABLES
from kb.pages.errors import error_page

AXES, USUAL_AXES = "axes", "form-family"
PER_PAGE = 20
MOST_NAMED = 20  # records that the page of a version names, of a table


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What there is, for everything and for the filter asked for."""
    ignored: list[str] = []
    try:
        found = chosen(request.GET)
    except BadFilter as error:
        found, ignored = Chosen(), error.parts
    context = {
        "whole": WHOLE,
        "tables": TABLES.values(),
        "dataset": about.live(found),
        "query": found.query(),
        "ignored": ignored,
        "versions": DatasetVersion.objects.all()[:3],
    }
    return render(request, "exports/home.html", context)


@require_safe
def table(request: HttpRequest, name: str) -> HttpResponse:
    """The columns of one table."""
    context = {"table": table_or_404(name), "headings": HEADINGS[1:7]}
    return render(request, "exports/table.html", context)


def table_or_404(name: str) -> Table:
    if name not in TABLES:
        raise Http404
    return TABLES[name]


@require_safe
def version_list(request: HttpRequest) -> HttpResponse:
    versions = DatasetVersion.objects.all()
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "exports/versions.html", {"page": page})


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """What changed with a version, and its files."""
    found = get_object_or_404(DatasetVersion, pk=number)
    context = {
        "version": found,
        "dataset": about.old(found),
        "whole": WHOLE,
        "tables": TABLES.values(),
        "news": list(Kept(found).news(MOST_NAMED)),
    }
    return render(request, "exports/version.html", context)


# Files


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """A file of what a query string asks for."""
    wanted = file_or_404(name)
    try:
        found = chosen(request.GET)
    except BadFilter as error:
        return refusal(request, error)
    response = answer(request, wanted, about.live(found))
    if wanted.description:
        address = reverse("exports:file", args=[wanted.description])
        described_by(response, f"{address}{found.query()}")
    return response


@require_safe
def matrix(request: HttpRequest, name: str) -> HttpResponse:
    """The cells of the matrix, with the axes and the filters of its page."""
    if name not in MATRIX_FILES:
        raise Http404
    wanted = MATRIX_FILES[name]
    try:
        found, axes = laid_out(request.GET)
    except BadFilter as error:
        return refusal(request, error)
    query = found.query(axes=axes.name)
    address = about.absolute(f"{reverse('cases:matrix')}{query}")
    told = replace(about.live(found).about, address=address)
    response = answer(request, wanted, Dataset(told, lambda _t: cells(found, axes)))
    if wanted.description:
        described_by(
            response, f"{reverse('exports:matrix', args=[wanted.description])}{query}"
        )
    return response


def laid_out(data: QueryDict) -> tuple[Chosen, Axes]:
    """What a query string asks for, and along which axes. Raises BadFilter."""
    found = chosen(data, also=(AXES,))
    asked = data.get(AXES, USUAL_AXES)
    if asked not in facets.AXES:
        raise BadFilter([readable(AXES, asked)])
    if found.codes:
        raise BadFilter([readable("case", code) for code in found.codes])
    return found, facets.AXES[asked]


@require_safe
def version_file(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The same of a version: whole, since filters are asked of what is public now."""
    wanted = file_or_404(name)
    version = get_object_or_404(DatasetVersion, pk=number)
    if request.GET:
        parts = [readable(part, "") for part in request.GET]
        return refusal(request, BadFilter(parts[:MOST_TOLD]))
    response = answer(request, wanted, about.old(version))
    if wanted.description:
        arguments = [number, wanted.description]
        described_by(response, reverse("exports:version_file", args=arguments))
    return response


def file_or_404(name: str) -> File:
    if name not in FILES:
        raise Http404
    return FILES[name]


def answer(request: HttpRequest, wanted: File, dataset: Dataset) -> HttpResponse:
    """A file as a download. Whoever asks with HEAD gets no body made."""
    parts = wanted.parts(dataset) if request.method == "GET" else iter(())
    response = StreamingHttpResponse(parts, content_type=wanted.kind)
    title = download(wanted, dataset.about)
    response["ETag"] = f'"{wanted.name}-{dataset.about.tag}"'
    response["Content-Disposition"] = f'attachment; filename="{title}"'
    return response


def download(wanted: File, told: About) -> str:
    """What a file is called on the reader’s machine."""
    stem, ending = wanted.name.split(".", 1)
    number = [str(told.version.number)] if told.version and told.is_exact else []
    part = ["part"] if told.is_partial else []
    return f"{'-'.join([stem, *number, *part])}.{ending}"


def described_by(response: HttpResponse, address: str) -> None:
    """Lead programs to the description of a file that has no room for one."""
    response["Link"] = (
        f'<{address}>; rel="describedby"; type="{PACKAGE}",'
        f' <{LICENCE_ADDRESS}>; rel="license"'
    )


def refusal(request: HttpRequest, error: BadFilter) -> HttpResponse:
    """400, naming what cannot be used: a file that ignored it would mislead."""
    text = _("No file can be made: there is no filter or value like {parts}.")
    parts = ", ".join(f"“{part}”" for part in error.parts)
    return error_page(request, 400, text.format(parts=parts))
