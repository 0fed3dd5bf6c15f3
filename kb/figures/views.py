"""The matrix of a filter as a picture, and as a poster."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.cells import Grid, grid
from cases.facets import AXES, Axes
from cases.filters import CaseFilter, readable
from cases.sentences import sentence
from kb.citing.entries import permanent
from kb.figures import pixels
from kb.figures.drawing import Sheet
from kb.figures.matrix import FEW_COLUMNS, Told, draw
from kb.handouts import paper
from kb.handouts.views import pdf_file
from kb.pages.errors import error_page

USUAL = "form-family"


@dataclass(frozen=True)
class Matrix:
    """What the matrix page would show for a query string."""

    grid: Grid
    axes: Axes
    told: Told

    @cached_property
    def drawing(self) -> Sheet:
        """What is drawn."""
        return draw(self.grid, self.axes, self.told)

    def svg(self, width: str = "", height: str = "") -> str:
        """The drawing as SVG, in its own size or fitted into another one."""
        sheet = self.drawing
        context = {
            "sheet": sheet,
            "title": f"{self.told.sentence}. {self.axes.label}",
            "filled": [square.sentence for square in self.grid.filled],
            "width": width or f"{sheet.width:g}",
            "height": height or f"{sheet.height:g}",
        }
        return render_to_string("figures/matrix.svg", context).strip()


def figure(view: Callable[[HttpRequest, Matrix], HttpResponse]) -> Callable:
    """A view of the matrix of a filter: what is wrong in the filter is refused."""

    @require_safe
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        filters = CaseFilter(request.GET, also=("axes",))
        asked = request.GET.get("axes", USUAL)
        unknown = [] if asked in AXES else [readable("axes", asked)]
        if wrong := filters.ignored + unknown:
            text = _("A picture is made of a filter only if all of it is known.")
            error = f"{text} {_('This is not:')} {', '.join(wrong)}"
            return error_page(request, 400, error)
        try:
            return view(request, laid_out(filters, AXES[asked]))
        except paper.Busy:
            return error_page(request, 503)

    return checked


def laid_out(filters: CaseFilter, axes: Axes) -> Matrix:
    """The matrix of a filter, in words and numbers."""
    words = filters.vocabulary
    table = facets.table(filters.selection, axes, words, filters.seen)
    shown = replace(table.total.selection, sort="")
    query = shown.query(axes="" if axes.name == USUAL else axes.name)
    told = Told(
        sentence=sentence(shown, table.total.count, words),
        address=permanent(reverse("cases:matrix") + query),
        is_filtered=bool(shown.count),
        everything=len(filters.seen.seen),
        day=timezone.localdate(),
    )
    return Matrix(grid(table, axes, words), axes, told)


@figure
def matrix_svg(request: HttpRequest, matrix: Matrix) -> HttpResponse:
    """The matrix as a picture for documents, to be made larger at will."""
    return HttpResponse(matrix.svg(), content_type="image/svg+xml")


@figure
def matrix_png(request: HttpRequest, matrix: Matrix) -> HttpResponse:
    """The same in pixels, for slides and messages."""
    sheet = matrix.drawing
    data = pixels.png(matrix.svg(), max(sheet.width, sheet.height))
    return HttpResponse(data, content_type="image/png")


@figure
def poster_svg(request: HttpRequest, matrix: Matrix) -> HttpResponse:
    """The matrix in the size of A3, with an edge."""
    return HttpResponse(matrix.svg("400mm", "277mm"), content_type="image/svg+xml")


@figure
def poster_pdf(request: HttpRequest, matrix: Matrix) -> HttpResponse:
    """The matrix on A3, as a table: a PDF of that can be read aloud."""
    if not paper.is_possible():
        text = _("No PDF is made here. Take the poster as SVG, and print that.")
        return error_page(request, 404, text)
    context = {
        "grid": matrix.grid,
        "axes": matrix.axes,
        "told": matrix.told,
        "is_turned": len(matrix.grid.columns) > FEW_COLUMNS,
    }
    html = render_to_string("figures/poster.html", context)
    size = "@page { size: A3 landscape; margin: 13mm }"
    return pdf_file(paper.pdf(html, "css/handout.css", size), "poster")
