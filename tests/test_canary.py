"""One word stands in every private field, and nowhere that the public can look."""

import logging
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from itertools import chain
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.db import connection
from django.template import engines
from django.utils import timezone
from pypdf import PdfReader

from cases.models import Case
from curation.drafts import draft_of
from curation.models import Approval, Explanation, Schedule
from curation.releasing import release, schedule, standing
from curation.withdrawing import record_consent, record_risk, withdraw
from kb import outputs
from tests.desk import at_desk, person
from tests.drafts import judged, sourced, written
from tests.factories import (
    CaseFactory,
    ConsentFactory,
    EncounterFactory,
    FormFactory,
    ResponseFactory,
    RiskFactory,
    SourceFactory,
    StrategyFactory,
    call,
    cite,
)
from tests.opening import text_of

pytestmark = pytest.mark.django_db

TOKEN = "canarybird"
ADDRESS = "203.0.113.77"
WHO = "readerbird"  # what tells one reader from another
READER = {
    "headers": {
        "user-agent": f"Mozilla/5.0 {WHO}",
        "referer": f"https://{WHO}.example/",
        "x-forwarded-for": ADDRESS,
        "accept-language": WHO,
    },
    "REMOTE_ADDR": ADDRESS,
}


def marked(word):
    return f"{TOKEN} {word}"


class Desk:
    """People whose names and addresses are private too."""

    def __init__(self):
        roles = "Authors", "Reviewers", "Publishers"
        self.author, self.reviewer, self.publisher = (
            self.person(role) for role in roles
        )
        self.second = self.person("Reviewers", "two")

    def person(self, role, more=""):
        user = person(f"{TOKEN}-{role}{more}".lower(), role)
        user.email = f"{TOKEN}@example.org"
        user.first_name = user.last_name = TOKEN
        user.save()
        return user


def whole_case(**values):
    """A case with every kind of nested row."""
    case = sourced(CaseFactory(**values))
    call(case, "Another name", source=SourceFactory())
    encounter = EncounterFactory(case=case, form=FormFactory())
    cite(encounter)
    cite(ResponseFactory(encounter=encounter, strategy=StrategyFactory()))
    return Case.objects.get(pk=case.pk)


def marked_draft(case, author):
    """A draft with the word in every text, down to the last locator."""
    draft = case.get_latest_revision_as_object()
    draft.title, draft.snapshot = marked("title"), marked("snapshot")
    draft.context = marked("context")
    draft.naming, draft.pseudonym = "pseudonym", marked("name")
    for alias in draft.aliases.all():
        alias.name = alias.note = alias.locator = marked("alias")
    for encounter in draft.encounters.all():
        encounter.text = marked("encounter")
        for response in encounter.responses.all():
            response.text = response.side_effects = marked("response")
            response.risk_bearer = marked("bearer")
            response.side_effects_basis = response.risk_bearer_basis = "stated"
        cites = [*encounter.citations.all(), *draft.citations.all()]
        for citation in cites:
            citation.locator = marked("locator")
    draft.save_revision(user=author)
    return Case.objects.get(pk=case.pk)


def safety_file(case, desk):
    """Consent and risk, with the word in every text."""
    words = {"given_by": marked("role"), "authority": marked("authority")}
    record_consent(ConsentFactory.build(case=case, **words), by=desk.reviewer)
    words = dict.fromkeys(("harmed", "harmed_by", "legal_setting"), marked("risk"))
    record_risk(RiskFactory.build(case=case, **words), by=desk.reviewer)


def reviewed(case, desk):
    """Comments and explanations, with the word in every text."""
    comment = {"opinion": "change", "comment": marked("comment")}
    judged(case, desk.reviewer, **comment)
    for finding in standing(case).findings:
        Explanation.objects.create(
            kind="case",
            record_id=case.pk,
            finding=finding.key,
            by=desk.second,
            why=marked("why"),
        )
    return judged(case, desk.reviewer, desk.second, comment=marked("comment"))


@pytest.fixture
def desk():
    call_command("createcachetable", verbosity=0)
    return Desk()


@pytest.fixture
def cases(desk):
    """Cases in every state, each with the word in all that is private of it."""
    made = {
        "public": whole_case(slug="public"),
        "scheduled": whole_case(slug="scheduled"),
        "new": whole_case(slug="new", draft=True),
        "hidden": whole_case(slug="hidden", origin="submitted"),
        "expired": whole_case(slug="expired", origin="submitted"),
        "withdrawn": whole_case(slug="withdrawn"),
    }
    for name, case in made.items():
        if name in ("hidden", "expired", "withdrawn"):
            # Here the very text that was public is private by now.
            values = {"title": marked("title"), "snapshot": marked("snapshot")}
            Case.objects.filter(pk=case.pk).update(**values)
            case.refresh_from_db()
        safety_file(case, desk)
        made[name] = marked_draft(case, desk.author)
    for name in ("public", "scheduled", "new"):
        reviewed(made[name], desk)
    tomorrow = timezone.now() + timedelta(days=1)
    words = marked("words")
    schedule(made["scheduled"], by=desk.publisher, at=tomorrow, words=words)
    withdraw(made["withdrawn"], by=desk.publisher)
    over = ConsentFactory.build(case=made["hidden"], withdrawn_on=date(2026, 2, 1))
    record_consent(over, by=desk.reviewer)
    over = timezone.now() - timedelta(days=1)
    ConsentFactory(case=made["expired"], expires_on=over.date())
    Case.objects.filter(pk=made["expired"].pk).update(visible_until=over)
    return made


@contextmanager
def log():
    """Every line that the settings let out, from loggers that write anywhere."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(handler.format(record))
    writing = [logging.getLogger(name) for name in (None, "django", "kb")]
    for logger in writing:
        logger.addHandler(handler)
    try:
        yield lines
    finally:
        for logger in writing:
            logger.removeHandler(handler)


def answers(client, cases):
    """All that the public is answered: every output, and every error page."""
    found = (outputs.addresses(case) for case in cases.values())
    for address in dict.fromkeys(chain.from_iterable(found)):
        yield address, client.get(address, **READER)
        client.cookies.clear()
    for address in ("/no-such-page/", f"/cases/{TOKEN}/", "/cases/?" + "a=1&" * 300):
        yield address, client.get(address, **READER)
    for address in ("/", "/cases/public/", "/cases/withdrawn/", "/changes/"):
        yield address, client.post(address, {"a": TOKEN}, **READER)
        yield address, client.head(address, **READER)
    yield "login", client.get("/desk/account/login/", **READER)
    yield "desk", client.get("/desk/", **READER)


def told(response):
    if response["Content-Type"] == "application/pdf":
        pages = PdfReader(BytesIO(response.content)).pages
        text = "".join(page.extract_text() for page in pages)
    else:
        text = text_of(response)
    return f"{response.headers} {text}"


def test_the_word_is_nowhere_that_the_public_can_look(client, desk, cases, monkeypatch):
    statuses = set()
    with log() as lines:
        for _ in range(2):
            for address, response in answers(client, cases):
                statuses.add(response.status_code)
                text = told(response).replace(f"/cases/{TOKEN}/", "")
                assert not any(word in text for word in (TOKEN, WHO, ADDRESS)), address
            call_command("sweep", verbosity=0)
        # Wagtail’s own screens use variables that are not there.
        monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")
        curators(desk, cases)
        failed_logins(client)

    assert {200, 302, 400, 404, 405, 410} <= statuses
    assert not any(word in str(lines) for word in (TOKEN, WHO, ADDRESS))
    tables = stored()
    assert TOKEN in tables["cases_consent"]
    for table in ("cases_searchentry", "sources_change", "cache", "django_session"):
        assert TOKEN not in tables[table]
    for table, rows in tables.items():
        assert WHO not in rows, table
        assert ADDRESS not in rows, table


def test_the_word_is_in_no_file_to_take_along(cases, settings, tmp_path):
    settings.OFFLINE_DIR = str(tmp_path / "offline")
    call_command("build_offline", verbosity=0)

    names = "reading.zip", "reading.epub"
    for name in names:
        with ZipFile(tmp_path / "offline" / name) as archive:
            told = b"".join(archive.read(entry) for entry in archive.namelist())
        assert cases["public"].code.encode() in told
        assert TOKEN.encode() not in told
        assert cases["hidden"].code.encode() not in told


def curators(desk, cases):
    """The desk shows it: so it was there to be found."""
    client = at_desk(desk.author)
    for name in ("public", "scheduled", "new", "hidden"):
        page = f"/desk/snippets/cases/case/edit/{cases[name].pk}/"
        assert TOKEN in client.get(page, **READER).text
    client.get("/desk/snippets/cases/case/", **READER)
    assert marked("comment") in str(list(Approval.objects.values()))
    assert Schedule.objects.get().words == marked("words")


def failed_logins(client):
    """Throttles count, and keep no address."""
    for _ in range(3):
        data = {"login": f"{TOKEN}-nobody", "password": TOKEN}
        client.post("/desk/account/login/", data, **READER)


def stored():
    """All that the database holds, table by table."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = str(cursor.fetchall())
        return found


def test_a_failure_says_where_it_broke_and_not_on_what(client, cases, monkeypatch):
    def broken(*args):
        raise RuntimeError(TOKEN)

    monkeypatch.setattr("kb.pages.views.facets.counts_of", broken)
    client.raise_request_exception = False
    with log() as lines:
        response = client.get(f"/?q={TOKEN}", **READER)
    assert response.status_code == 500
    assert TOKEN not in told(response)
    assert any("RuntimeError" in line for line in lines)
    assert TOKEN not in "".join(lines)


def test_what_is_released_is_public_and_the_rest_is_not(client, desk, cases):
    case = cases["public"]
    case = written(case, desk.author, title="Told anew", snapshot="Told anew.")
    draft = case.get_latest_revision_as_object()
    assert TOKEN in draft.context
    for finding in standing(case).findings:
        Explanation.objects.get_or_create(
            kind="case",
            record_id=case.pk,
            finding=finding.key,
            defaults={"by": desk.second, "why": marked("why")},
        )
    judged(case, desk.reviewer)
    release(case, by=desk.publisher, words="It says more.")

    page = client.get("/cases/public/").text
    assert marked("context") in page
    assert draft_of(Case.objects.get(pk=case.pk)) is None
    words = map(marked, ("role", "authority", "risk", "comment", "why", "words"))
    private = tuple(words)
    for address in outputs.addresses(case):
        text = told(client.get(address))
        assert not [word for word in private if word in text], address
        client.cookies.clear()
