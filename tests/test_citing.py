"""What is cited can be read by the programs that collect references, and is true."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import bibtexparser
import html5lib
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import CaseCitation
from cases.views.case import case_page
from kb.citing.edition import edition
from kb.exports.versions import keep_up
from sources.formats import bibtex, csl_json, one_line, ris
from sources.styles import Title, apa, chicago
from sources.works import Shape, Work
from tests.factories import (
    CaseFactory,
    FormFactory,
    LessonFactory,
    OrganisationFactory,
    SourceFactory,
    StrategyFactory,
    cite,
)

ODD = [
    "Braces {one} and }two{",
    r"50% & more_or #less $5 ~ back\slash",
    '“Curled” and "straight" ‘quotes’, <b>tags</b></script>',
    "A line\nbreak\r\nand\ttab\x85\u2028TY  - BOOK",
    "المقاومة والاستجابة {ok}",
    "مقاومت‌ها \u200fand\u200e back",
    "ER  - ",
]
PAPER = Work(
    key="kb-source-paper",
    shape=Shape.REPORT,
    title="What was met",
    authors=("The Fund",),
    issued=(2021,),
    kind="Practice paper",
)
CASE = Work(
    key="kb-C001",
    shape=Shape.PAGE,
    title="Keeping the goal",
    address="https://kb.example/cases/goal/",
    authors=("An Organisation", "The Fund"),
    container="The base",
    issued=(2026, 1, 31),
    code="C001",
    version="3",
    kind="Case",
    drawn_from=PAPER,
)


def with_text(text):
    return Work(
        key="kb-odd",
        shape=Shape.REPORT,
        title=text,
        authors=(text, "Another"),
        container=text,
        kind=text,
        address="https://kb.example/?q=%7Ba&b=c_d#e",
    )


@pytest.mark.parametrize("text", ODD)
def test_bibtex_of_odd_text_is_read_as_it_was_meant(text):
    written = bibtex(with_text(text))
    plain = bibtexparser.parse_string(written)
    read = bibtexparser.parse_string(
        written, append_middleware=[LatexDecodingMiddleware()]
    )
    assert not plain.failed_blocks
    assert not read.failed_blocks
    [entry] = read.entries
    assert entry.entry_type == "techreport"
    # The reader draws together what LaTeX would: two hyphens are a dash.
    assert tidy(entry["title"]) == tidy(text)
    assert tidy(entry["author"]) == tidy(f"{text} and Another")
    assert plain.entries[0]["url"] == with_text(text).address


def tidy(text):
    return re.sub(r"\s+", " ", one_line(text)).strip()


@pytest.mark.parametrize("text", ODD)
def test_ris_of_odd_text_is_read_as_it_was_meant(text):
    [record] = rispy.loads(ris(with_text(text)))
    assert record["type_of_reference"] == "RPRT"
    assert record["title"] == one_line(text)
    assert record["authors"] == [f"{one_line(text)},", "Another,"]


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_text_ends_a_field_or_a_record(text):
    work = with_text(f"x{text}")
    [record] = rispy.loads(ris(work))
    assert record["title"] == one_line(work.title)
    library = bibtexparser.parse_string(bibtex(work))
    assert len(library.entries) == 1
    assert not library.failed_blocks
    [item] = json.loads(csl_json(work))
    assert item["title"] == one_line(work.title)


CSL = {
    **dict.fromkeys(["id", "title", "container-title", "publisher", "number"], str),
    **dict.fromkeys(["version", "genre", "note", "language", "URL"], str),
    "type": str,
    "author": list,
    "issued": dict,
}
CSL_TYPES = {"webpage", "dataset", "report", "article-newspaper", "document"}


@pytest.mark.parametrize("work", [CASE, PAPER, *map(with_text, ODD)])
def test_csl_json_has_the_names_and_kinds_of_value_of_its_schema(work):
    """The schema is not ours to ship: these are the parts of it that we use."""
    [item] = json.loads(csl_json(work))
    assert {"id", "type"} <= set(item)
    assert all(isinstance(value, CSL[name]) for name, value in item.items())
    assert item["type"] in CSL_TYPES
    assert all(set(author) == {"literal"} for author in item["author"])
    if work.issued:
        assert item["issued"] == {"date-parts": [[*work.issued]]}


def test_a_case_is_cited_in_both_styles():
    assert " ".join(apa(CASE)) == (
        "An Organisation, & The Fund. (2026, January 31). Keeping the goal"
        " (C001; Version 3) [Case, drawn from “What was met”]. The base."
        " https://kb.example/cases/goal/"
    )
    assert " ".join(chicago(CASE)) == (
        "An Organisation and The Fund. “Keeping the goal (C001).”"
        " Drawn from The Fund, “What was met.” The base. Version 3."
        " January 31, 2026. https://kb.example/cases/goal/."
    )


def test_what_is_quoted_in_a_title_is_quoted_inside_it():
    work = Work(key="k", shape=Shape.DATASET, title="2 cases, with “denial”")
    assert " ".join(chicago(work)) == "“2 cases, with ‘denial.’” n.d."


def test_a_report_is_cited_in_both_styles():
    assert " ".join(apa(PAPER)) == "The Fund. (2021). What was met [Practice paper]."
    assert " ".join(chicago(PAPER)) == "The Fund. What was met. 2021."


def test_what_is_not_known_is_left_out():
    bare = Work(key="kb-bare", shape=Shape.OTHER, title="Is it known?")
    assert " ".join(apa(bare)) == "Is it known? (n.d.)."
    assert " ".join(chicago(bare)) == "“Is it known?” n.d."
    assert ris(bare).splitlines()[2:] == ["TI  - Is it known?", "ER  - "]
    assert bibtex(bare).splitlines()[1:] == ["  title = {{Is it known?}},", "}"]
    assert set(json.loads(csl_json(bare))[0]) == {"id", "type", "title"}


def test_a_description_in_place_of_a_title_is_not_set_as_one():
    work = Work(key="k", shape=Shape.PAGE, title="[A statement]", issued=(2014,))
    assert " ".join(chicago(work)) == "[A statement]. 2014."
    assert not any(isinstance(part, Title) for part in apa(work))
    assert any(isinstance(part, Title) for part in apa(CASE))


def test_three_names_are_listed():
    three = Work(key="k", shape=Shape.PAGE, title="T", authors=("A", "B", "C"))
    assert apa(three)[0] == "A, B, & C."
    assert chicago(three)[0] == "A, B, and C."


@pytest.fixture
def brief():
    return SourceFactory(
        slug="brief", title="The brief", publisher="The Fund of Women", kind="brief"
    )


@pytest.fixture
def case(brief):
    organisation = OrganisationFactory(name="Women of the Town")
    moment = datetime(2026, 1, 31, tzinfo=UTC)
    case = CaseFactory(
        code="C777",
        slug="goal",
        title="Goal & “profile” </script>",
        organisations=[organisation],
        last_published_at=moment,
    )
    cite(case, brief)
    return case


@pytest.fixture
def pages(case, brief):
    """The page of each kind of record, and the lists."""
    form, strategy = FormFactory(slug="denial"), StrategyFactory(slug="radio")
    for record in (form, strategy, LessonFactory(slug="learnt")):
        cite(record, brief)
    slugs = ["cases/goal", "forms/denial", "strategies/radio", "lessons/learnt"]
    return [f"/{slug}/" for slug in (*slugs, "sources/brief", "cases", "matrix")]


class Zotero:
    """What the translator “Embedded Metadata” makes of the head of a page.

    Names that begin with citation_ come first; a name without a comma would be cut
    into a first and a last one; z:itemType is the kind of item.
    """

    def __init__(self, page):
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        self.tags = [
            (tag.get("name") or tag.get("property"), tag.get("content"))
            for tag in tree.find("head").iter("meta")
        ]
        self.schemas = {link.get("rel"): link.get("href") for link in tree.iter("link")}

    def all(self, name):
        return [content for known, content in self.tags if known == name]

    def creators(self):
        return [self.cleaned(name) for name in self.all("citation_author")]

    @staticmethod
    def cleaned(author):
        has_comma = "," in author
        author = author.strip(" .,/[]:")
        if has_comma:
            last, *first = re.split(", ?", author)
        else:
            *first, last = author.rsplit(" ", 1)
        return (first[0] if first else "", last)


@pytest.mark.django_db
def test_zotero_reads_a_case_from_its_page(client, case):
    head = Zotero(client.get("/cases/goal/").text)
    assert head.all("citation_title") == head.all("DC.title") == [case.title]
    assert head.creators() == [("", "Women of the Town"), ("", "The Fund of Women")]
    assert head.all("DC.creator") == ["Women of the Town", "The Fund of Women"]
    assert head.all("citation_date") == head.all("DC.date") == ["2026-01-31"]
    assert head.all("z.itemType") == ["webpage"]
    [link] = head.all("citation_public_url")
    assert link.endswith("/cases/goal/")
    assert head.all("og:site_name") == ["Resistance and response: a knowledge base"]
    assert head.schemas["schema.DC"] == "http://purl.org/dc/elements/1.1/"


@pytest.mark.django_db
def test_linked_data_says_the_same_and_ends_no_script_early(client, case):
    page = client.get("/cases/goal/").text
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    data = json.loads(text)
    assert data["name"] == case.title
    assert [author["name"] for author in data["author"]] == [
        *("Women of the Town", "The Fund of Women")
    ]
    assert data["isBasedOn"]["name"] == "The brief"
    assert data["identifier"] == "C777"


@pytest.mark.django_db
def test_each_page_leads_to_its_files(client, pages):
    kinds = {
        "bib": "application/x-bibtex",
        "ris": "application/x-research-info-systems",
        "json": "application/vnd.citationstyles.csl+json",
    }
    for page in pages:
        shown = client.get("/lessons/" if page.startswith("/lessons") else page).text
        for ending, kind in kinds.items():
            link = re.search(rf'href="({page}cite\.{ending}[^"]*)" download', shown)
            answer = client.get(link[1].replace("&amp;", "&"))
            assert answer.status_code == 200
            assert answer["Content-Type"].startswith(kind)
            assert "The Fund of Women" in answer.text
            assert answer["Content-Disposition"].startswith("attachment")
        code = re.search(rf'<img src="({page}cite\.svg[^"]*)"', shown)
        answer = client.get(code[1].replace("&amp;", "&"))
        assert answer["Content-Type"] == "image/svg+xml"
        assert ElementTree.fromstring(answer.content).tag.endswith("svg")  # noqa: S314
        assert "style" not in answer.text
        assert len(answer.content) < 4096


@pytest.mark.django_db
def test_a_file_costs_the_same_whatever_stands_beside_the_record(client, pages):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            for page in pages:
                assert client.get(f"{page}cite.bib").status_code == 200
        return len(asked)

    cost()
    few = cost()
    for case in CaseFactory.create_batch(20):
        cite(case)
    cost()
    assert cost() == few


@pytest.mark.django_db
@pytest.mark.parametrize("hidden", [{"draft": True}, {"withdrawn": True}])
def test_an_organisation_or_source_that_is_not_public_is_not_credited(client, hidden):
    case = CaseFactory(
        slug="goal", organisations=[OrganisationFactory(name="Quagmire", **hidden)]
    )
    cite(case, SourceFactory(title="Quagmire", publisher="Quagmire", **hidden))
    for ending in ("bib", "ris", "json"):
        assert "uagmire" not in client.get(f"/cases/goal/cite.{ending}").text
    page = client.get("/cases/goal/").text
    assert "uagmire" not in page.partition("<body>")[0]
    assert (
        "uagmire"
        not in page.partition('<details class="cite"')[2].partition("</details>")[0]
    )


@pytest.mark.django_db
def test_an_organisation_that_goes_by_another_name_is_not_credited(client):
    case = CaseFactory(naming="pseudonym", pseudonym="Some women")
    case.organisations.add(OrganisationFactory(name="Quagmire"))
    case.save()
    page = client.get(case.get_absolute_url())
    assert "uagmire" not in page.text.partition("<body>")[0]
    assert "uagmire" not in client.get(f"{case.get_absolute_url()}cite.json").text


@pytest.mark.django_db
def test_a_draft_is_drawn_before_it_has_an_address_and_sources(
    rf, case, lenient_templates
):
    case.citations.set([CaseCitation(basis="stated")])
    case.last_published_at = None
    page = case_page(rf.get("/"), case)
    assert "(n.d.)" in page.text
    case.slug = ""
    assert "Cite this" not in case_page(rf.get("/"), case).text


@pytest.mark.django_db
def test_a_publisher_that_nobody_states_is_nobody(client):
    SourceFactory(slug="one", title="T", publisher="Not stated", kind="page")
    text = client.get("/sources/one/cite.bib").text
    assert "author" not in text
    assert "Not stated" not in text


@pytest.mark.django_db
def test_a_paper_or_journal_is_where_a_work_stands_and_not_its_author(client):
    SourceFactory(slug="news", publisher="The Daily", kind="press")
    SourceFactory(slug="study", publisher="A Journal", kind="study")
    news = rispy.loads(client.get("/sources/news/cite.ris").text)[0]
    assert news["type_of_reference"] == "NEWS"
    assert news["secondary_title"] == "The Daily"
    study = rispy.loads(client.get("/sources/study/cite.ris").text)[0]
    assert study["publisher"] == "A Journal"
    assert "authors" not in {*news, *study}


@pytest.mark.django_db
def test_a_list_credits_the_brief_as_far_as_its_cases_rest_on_it(client, case, brief):
    def note():
        [record] = rispy.loads(client.get("/cases/cite.ris").text)
        return record.get("authors"), record.get("notes")

    assert note() == (
        ["The Fund of Women,"],
        ["Drawn from The Fund of Women, “The brief”"],
    )
    other = CaseFactory(code="C778", telling="named-only")
    assert note()[1] == ["Drawn in part from The Fund of Women, “The brief”"]
    case.citations.all().delete()
    type(case).objects.filter(pk=case.pk).update(title="Told from elsewhere")
    assert note() == (None, None)
    assert other.code not in str(note())


@pytest.mark.django_db
def test_a_list_is_cited_by_what_is_picked_and_not_by_its_order(client, case):
    files = [
        client.get(f"/cases/cite.json?{query}").json()[0]
        for query in (
            "form=not-stated&telling=described",
            "telling=described&sort=code&form=not-stated",
        )
    ]
    assert files[0] == files[1]
    assert files[0]["URL"].endswith("/cases/?form=not-stated&telling=described")
    assert files[0]["title"].startswith("1 case ")
    matrix = client.get("/matrix/cite.json?axes=form-country").json()[0]
    assert matrix["title"] == "Form by country: 1 case"
    assert matrix["URL"].endswith("/matrix/?axes=form-country")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/cases/cite.bib?form=nothing", 400, "form=nothing"),
        ("/cases/cite.ris?zzz=1", 400, "zzz=1"),
        ("/matrix/cite.json?axes=zzz", 400, "axes=zzz"),
        ("/matrix/cite.json?axes=zzz%00&axes=b", 400, "axes="),
        ("/cases/cite.exe", 404, ""),
        ("/cases/goal/cite.docx", 404, ""),
        ("/cases/nowhere/cite.bib", 404, ""),
        (f"/cases/cite.svg?q={'%C3%A9' * 60}", 400, "too long"),
    ],
)
def test_what_cannot_be_cited_is_refused_in_a_sentence(
    client, case, address, status, words
):
    answer = client.get(address)
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.django_db
def test_a_link_too_long_to_be_scanned_has_no_code_on_its_page(client, case):
    assert "cite.svg" not in client.get("/cases/", {"q": "é" * 60}).text
    assert "cite.svg" in client.get("/cases/").text


@pytest.mark.django_db
def test_the_permanent_link_does_not_depend_on_who_asks(client, case):
    for address in ("/cases/", "/cases/goal/"):
        here = client.get(address, headers={"host": "127.0.0.1"})
        assert client.get(address, headers={"host": "localhost"}).text == here.text


@pytest.mark.django_db
def test_the_version_is_that_of_the_dataset():
    assert edition().name == ""
    CaseFactory()
    made = keep_up()
    assert (edition().name, edition().day) == ("1", made.made_at.date())


@pytest.mark.django_db
def test_a_list_that_is_kept_names_the_version_once_that_is_made(client, case):
    assert "version" not in client.get("/cases/").text.lower()
    keep_up()
    assert "Version 1" in client.get("/cases/").text
