"""The pages of an offline edition: plain HTML that is XHTML too, linked by relation.

Each is a name, a title and a body; what is written around it differs between a folder
of pages and a book. Names tell nothing of what is in them.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from django.template.loader import get_template
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from cases.choices import Mode, Telling
from cases.models import ResistanceForm
from cases.silence import not_stated
from cases.views.browse import LESSON_HEADINGS
from cases.views.case import cited, cited_by
from kb.citing.entries import permanent
from kb.handouts.asked import Told
from kb.offline import contents
from kb.offline.contents import Lists
from sources.choices import NOT_STATED
from sources.citing import Reference, number
from strategies.models import StrategyFamily

ENDING = ".html"
OWN_LINK = re.compile(r'(href="[a-z0-9]+)\.html')  # to another page of the edition
WORD = re.compile(r"\w+")
SHORTEST = 2
MOST_NAMED = 200  # past so many cases the matrix gives numbers and names none


@dataclass(frozen=True)
class Page:
    """One page of an edition."""

    name: str
    title: str
    body: SafeString
    search: str = ""  # a form, of no use without a browser

    def in_book(self) -> SafeString:
        """The body with links as a book has them."""
        return SafeString(OWN_LINK.sub(r"\1.xhtml", self.body))


@dataclass(frozen=True)
class Edition:
    """All pages, and the words that each case is found by."""

    pages: list[Page]
    words: dict[str, str]
    built_on: date


def edition(built_on: date) -> Edition:
    """Every page of what may be given away now."""
    lists, cases, words = Lists(), [], {}
    sources: dict[int, Reference] = {}
    for case in contents.whole_cases():
        page, references = case_page(case)
        cases.append(page)
        words[page.name] = found_by(page)
        lists.add(contents.entry(case))
        sources.update((found.source.pk, found) for found in references)
    made = [
        searched(body("cases", _("Cases"), entries=lists.entries), lists),
        body("matrix", _("Matrix"), **of_matrix(lists)),
        *terms(lists, sources),
    ]
    made.append(body("sources", _("Sources"), sources=by_title(sources)))
    first = body(
        "index", _("Contents"), total=len(cases), built_on=built_on, site=permanent("/")
    )
    return Edition([first, *made, *cases], words, built_on)


def body(name: str, title: str, **context) -> Page:
    """A page from its template."""
    context |= {"title": title, "ending": ENDING}
    html = get_template(f"offline/{name}.html").render(context)
    return Page(name, title, html)


def searched(page: Page, lists: Lists) -> Page:
    """The page with a form to search and filter it by."""
    form = get_template("offline/search.html").render(choices(lists))
    return replace(page, search=form)


def wrapped(page: Page, *, in_book: bool = False) -> str:
    """A whole file: the page with its head, and the way to the other pages."""
    context = {
        "page": page,
        "body": page.in_book() if in_book else page.body,
        "in_book": in_book,
        "ending": ".xhtml" if in_book else ENDING,
        "language": get_language(),
        "is_rtl": get_language_bidi(),
    }
    return get_template("offline/page.html").render(context).strip()


def case_page(case) -> tuple[Page, list[Reference]]:
    """The page of a case, and its sources."""
    references = number(cited(case))
    context = {
        "told": Told(case, not_stated(case)),
        "references": references,
        "address": permanent(case.get_absolute_url()),
        "ending": ENDING,
    }
    html = get_template("offline/case.html").render(context)
    return Page(contents.page_of(case), case.title, html), references


def terms(lists: Lists, sources: dict[int, Reference]) -> Iterator[Page]:
    """The pages of forms, strategies, places and lessons, with the cases of each."""
    forms = list(ResistanceForm.objects.published().for_display())
    families = StrategyFamily.objects.published().with_strategies()
    families = list(
        families.prefetch_related(
            "citations__source", "published_ones__citations__source"
        )
    )
    lessons, notes = contents.lessons(), list(contents.notes())
    for name, title, records, context in (
        ("forms", _("Forms of resistance"), forms, of_forms(forms, lists)),
        (
            "strategies",
            _("Response strategies"),
            [*families, *(s for f in families for s in f.published_ones)],
            of_strategies(families, lists),
        ),
        ("countries", _("Countries"), notes, of_places(notes, lists)),
        ("lessons", _("Lessons"), lessons, of_lessons(lessons)),
    ):
        references = number(cited_by(records))
        sources.update((found.source.pk, found) for found in references)
        yield body(name, title, references=references, **context)


def choices(lists: Lists) -> dict:
    """The values that the list of cases can be filtered by."""

    def named(pairs) -> list[tuple[str, str]]:
        return sorted(dict(pairs).items(), key=lambda pair: str(pair[1]).casefold())

    entries = lists.entries
    return {
        "forms": named(chain.from_iterable(e.forms.items() for e in entries)),
        "families": named(chain.from_iterable(e.families.items() for e in entries)),
        "places": named((e.place_key, e.place or _("Not told")) for e in entries),
        "tellings": [(value, label) for value, label in Telling.choices],
    }


def of_matrix(lists: Lists) -> dict:
    """How each form was answered: which cases, or how many where there are many."""
    forms = [(f.slug, f.name) for f in ResistanceForm.objects.published()]
    families = [(f.slug, f.name) for f in StrategyFamily.objects.published()]
    columns = [*families, (NOT_STATED, _("No response stated"))]
    rows = [*forms, (NOT_STATED, _("Form not stated"))]
    return {
        "columns": [name for _slug, name in columns],
        "rows": [
            (name, [lists.by_answer.get((form, family), []) for family, _n in columns])
            for form, name in rows
        ],
        "names": len(lists.entries) <= MOST_NAMED,
    }


def of_forms(forms: list, lists: Lists) -> dict:
    """The forms, passive and active, each with its cases."""
    return {
        "groups": [
            (mode.label, [(f, lists.by_form[f.slug]) for f in forms if f.mode == mode])
            for mode in Mode
        ]
    }


def of_strategies(families: list, lists: Lists) -> dict:
    """The families, their strategies, and the cases of each."""
    return {
        "families": [
            (family, [(s, lists.by_strategy[s.slug]) for s in family.published_ones])
            for family in families
        ]
    }


def of_places(notes: list, lists: Lists) -> dict:
    """Where cases happened, with the background there."""
    told = sorted(place for place in lists.by_place if place)
    return {
        "places": [
            (
                place,
                lists.by_place[place],
                [n for n in notes if n.country.name == place],
            )
            for place in told
        ],
        "untold": lists.by_place[""],
    }


def of_lessons(lessons: list) -> dict:
    """The lessons of each kind."""
    return {
        "kinds": [
            (LESSON_HEADINGS[kind], [found for found in lessons if found.kind == kind])
            for kind in LESSON_HEADINGS
        ]
    }


def by_title(sources: dict[int, Reference]) -> list:
    """Every source that is cited in the edition."""
    found = (reference.source for reference in sources.values())
    return sorted(found, key=lambda source: (source.title.casefold(), source.slug))


# What the list of cases is searched by


def found_by(page: Page) -> str:
    """The words of a case, each once, as the script of the edition spells them."""
    words = WORD.findall(plain(strip_tags(f"{page.title} {page.name} {page.body}")))
    return " ".join(sorted({word for word in words if len(word) >= SHORTEST}))


def plain(text: str) -> str:
    """A text without capitals and marks: static/offline/search.js does the same."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in letters if not unicodedata.category(c).startswith("M"))


def words_script(words: dict[str, str]) -> str:
    """The words as a script: a page on a stick can load nothing else."""
    told = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    return f"var WORDS = {told.replace('</', '<\\/')};\n"
