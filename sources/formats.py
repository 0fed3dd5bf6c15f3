"""A work as reference managers read it (BibTeX, RIS, CSL-JSON), and as JSON-LD.

Text goes on one line in all of them: a line break ends a field of RIS, and is of no
use in the others.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from sources.works import Work

MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
# What means something else to LaTeX, and what stands for it there. Who counts braces
# counts those with a backslash, too: so each brings an unseen one that closes it.
LATEX = str.maketrans(
    {sign: rf"\{sign}" for sign in "&%$#_"}
    | {
        "{": r"\{\vphantom{\}}",
        "}": r"\vphantom{\{}\}",
        "\\": r"{\textbackslash}",
        "^": r"{\textasciicircum}",
        "~": r"{\textasciitilde}",
    }
)
CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")
IN_ADDRESSES = "!#$%&'()*+,-./:;=?@[]_~"  # in an address as it is; braces are not


@dataclass(frozen=True)
class Format:
    """One kind of file: its name for readers, its type for programs, how it is made."""

    name: str
    content_type: str
    text: Callable[[Work], str]


def bibtex(work: Work) -> str:
    """The work as an entry of BibTeX; what is in double braces keeps its capitals."""
    fields = {name: value for name, value in bibtex_fields(work) if value}
    lines = [f"  {name} = {value}," for name, value in fields.items()]
    return "\n".join([f"@{work.shape.bibtex}{{{work.key},", *lines, "}", ""])


def bibtex_fields(work: Work) -> Iterator[tuple[str, str]]:
    """The fields of an entry, ready to be written; some may be empty."""
    names = [f"{{{latex(name)}}}" for name in work.authors]
    yield "author", braced(" and ".join(names))
    yield "title", braced(braced(latex(work.title)))
    if work.shape.bibtex == "techreport":
        yield "institution", braced(latex(work.house))
    else:
        yield "howpublished", braced(latex(work.container or work.publisher))
    yield "year", braced(work.year)
    yield "month", MONTHS[work.issued[1] - 1] if len(work.issued) > 1 else ""
    yield "type", braced(latex(work.kind))
    yield "number", braced(latex(work.code))
    yield "version", braced(latex(work.version))
    yield "note", braced(latex(work.basis))
    yield "language", braced(work.language)
    yield "url", braced(quote(work.address, safe=IN_ADDRESSES))


def braced(text: str) -> str:
    """A value in braces; nothing where there is none."""
    return f"{{{text}}}" if text else ""


def latex(text: str) -> str:
    """Text on one line, as LaTeX prints it."""
    return one_line(text).translate(LATEX)


def ris(work: Work) -> str:
    """The work as a record of RIS. An author with a comma at the end is no person."""
    fields = [
        ("TY", work.shape.ris),
        ("ID", work.key),
        *(("AU", f"{one_line(name)},") for name in work.authors),
        ("TI", work.title),
        ("T2", work.container),
        ("PB", work.publisher),
        ("PY", work.year),
        ("DA", work.date.replace("-", "/") if work.day else ""),
        ("ET", work.version),
        ("M1", work.code),
        ("M3", work.kind),
        ("N1", work.basis),
        ("LA", work.language),
        ("UR", work.address),
    ]
    lines = [f"{tag}  - {one_line(value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl_json(work: Work) -> str:
    """The work as the Citation Style Language’s JSON: a list of one."""
    fields = {
        "id": work.key,
        "type": work.shape.csl,
        "title": one_line(work.title),
        "author": [{"literal": one_line(name)} for name in work.authors],
        "container-title": one_line(work.container),
        "publisher": one_line(work.publisher),
        "issued": {"date-parts": [list(work.issued)]} if work.issued else {},
        "number": work.code,
        "version": work.version,
        "genre": one_line(work.kind),
        "note": one_line(work.basis),
        "language": work.language,
        "URL": work.address,
    }
    return in_json([{name: value for name, value in fields.items() if value}])


def linked_data(work: Work) -> dict:
    """The work in the words of schema.org."""
    fields = {
        "@type": work.shape.schema,
        "name": one_line(work.title),
        "author": [organisation(name) for name in work.authors],
        "isPartOf": {"@type": "WebSite", "name": work.container}
        if work.container
        else {},
        "publisher": organisation(work.publisher) if work.publisher else {},
        "datePublished": work.date,
        "identifier": work.code,
        "version": work.version,
        "genre": work.kind,
        "inLanguage": work.language,
        "license": work.licence,
        "url": work.address,
        "isBasedOn": linked_data(work.drawn_from) if work.drawn_from else {},
    }
    return {name: value for name, value in fields.items() if value}


def organisation(name: str) -> dict[str, str]:
    """An organisation, in the words of schema.org."""
    return {"@type": "Organization", "name": one_line(name)}


def in_json(value: list | dict) -> str:
    """JSON to be read by people too."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def one_line(text: str) -> str:
    """Text without line breaks and other signs that are no text."""
    return " ".join(text.translate(CONTROLS).split())


FORMATS = {
    "bib": Format("BibTeX", "application/x-bibtex", bibtex),
    "ris": Format("RIS", "application/x-research-info-systems", ris),
    "json": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", csl_json),
}
