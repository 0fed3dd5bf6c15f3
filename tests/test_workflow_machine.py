"""Whatever people do, in whatever order: what is public is allowed, and no more.

Authors, reviewers and publishers do as they like while the clock jumps. The rules are
written here once more, plainly and slowly, from what was asked for and not from
cases/visibility.py; after each step the site must agree with them. By hand:

    KB_MACHINE=2000x50 pytest tests/test_workflow_machine.py
"""

import os
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client, TestCase, override_settings
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases import facets
from cases.choices import Scope
from cases.models import Case, CaseCitation, Encounter, EncounterCitation, SearchEntry
from cases.selection import Selection
from curation.checking import findings
from curation.drafts import draft_of
from curation.models import Explanation, Release, Schedule
from curation.releasing import Refused, release, schedule
from curation.reviewing import review
from curation.sweeping import sweep
from curation.withdrawing import record_consent, record_risk, withdraw
from kb import outputs
from tests.desk import person
from tests.factories import (
    ConsentFactory,
    CountryFactory,
    FormFactory,
    OrganisationFactory,
    RegionFactory,
    RiskFactory,
    SourceFactory,
    cite,
)
from tests.opening import text_of

pytestmark = pytest.mark.django_db

RUNS, STEPS = (int(n) for n in os.environ.get("KB_MACHINE", "50x30").split("x"))
# Drawn from what other pages show, a second each: tests/test_outputs.py looks at them.
DRAWN = {"handouts:pdf", "figures:poster_pdf", "figures:png"}
OUTPUTS = [output for output in outputs.OUTPUTS if output.name not in DRAWN]
START = datetime(2026, 6, 1, 9, tzinfo=UTC)
PEOPLE = {
    "author": ["Authors"],
    "writer": ["Authors", "Publishers"],
    "reviewer": ["Reviewers"],
    "checker": ["Reviewers"],
    "both": ["Reviewers", "Publishers"],
    "all": ["Authors", "Reviewers", "Publishers"],
    "publisher": ["Publishers"],
    "admin": ["Admins"],
    "assessor": ["Reviewers"],
    "colleague": ["Reviewers"],
}
SCOPES = ["text", "organisation", "country"]


def slug_of(code):
    return f"slug{int(code[1:])}quagmire"


def days(n):
    return timedelta(days=n)


@dataclass
class Text:
    """One text of a case."""

    token: str  # a word that stands in no other text
    origin: str
    place: str
    naming: str
    names: bool

    @property
    def title(self):
        return f"about {self.token}"


@dataclass
class Known:
    """All that this test remembers of a case."""

    pk: int
    code: str
    draft: Text | None = None
    released: Text | None = None
    is_live: bool = False
    is_withdrawn: bool = False
    was_released: bool = False
    ever: set = field(default_factory=set)  # who ever wrote on it
    since: set = field(default_factory=set)  # who wrote since the last release
    opinions: dict = field(default_factory=dict)  # of a draft’s digest: by whom
    consents: list = field(default_factory=list)
    risks: list = field(default_factory=list)
    waiting: tuple | None = None

    @property
    def authors(self):
        """Whoever wrote since the last release; all, where the machine took it back."""
        return self.since or self.ever


# The rules.


def why_not(text, consents, risks, today):
    """Why a text may not be seen on a day; nothing where it may."""
    consent = consents[-1] if consents else None
    risk = risks[-1] if risks else None
    if consent and consent["withdrawn_on"]:
        return "they took their consent back"
    if text.names and text.naming != "named":
        return "it names whom it must not name"
    if text.origin != "published-source":
        if not consent:
            return "nobody consented"
        if not consent["given_on"] <= today:
            return "the consent is not given yet"
        if not today < consent["expires_on"]:
            return "the consent is over"
        if "text" not in consent["scopes"]:
            return "they did not allow the text"
        if text.names and "organisation" not in consent["scopes"]:
            return "they did not allow the name"
        if text.place == "country" and "country" not in consent["scopes"]:
            return "they did not allow the country"
    if not risk:
        return "nobody assessed the risk"
    if risk["decision"] in ("aggregate", "refuse"):
        return "the risk is too high"
    tells_all = text.place == "country" and text.naming == "named"
    if risk["decision"] == "redacted" and tells_all:
        return "nothing is redacted"
    if risk["embargo_until"] and today < risk["embargo_until"]:
        return "it is too early"
    if is_high(risks) and not today < risk["review_due"]:
        return "the risk was to be looked at again"
    return ""


def is_high(risks):
    return bool(risks) and risks[-1]["likelihood"] * risks[-1]["severity"] >= 12


def needs_two(risks):
    """A risk that was high stays so until two people have found it lower since."""
    lower = set()
    for risk in reversed(risks):
        if is_high([risk]):
            return len(lower) < 2
        lower.add(risk["by"])
    return False


def unexplained(record):
    return [finding for finding in findings(record) if not finding.explanation]


def may_come(text, consents, risks, today):
    """Whether a text may be seen on this day or on a later one."""
    ahead = [today]
    ahead += [risk["embargo_until"] for risk in risks[-1:] if risk["embargo_until"]]
    ahead += [consent["given_on"] for consent in consents[-1:]]
    return any(not why_not(text, consents, risks, day) for day in ahead if day >= today)


CONSENT = {"given": -1, "lasts": 730, "is_withdrawn": False, "scopes": SCOPES}
RISK = {"decision": "publish", "is_high": False, "embargo": None, "due": 183}

HIGH = RISK | {"is_high": True, "due": 5}
GOOD_RISKS = [RISK, HIGH, RISK | {"embargo": 2}]

texts = st.fixed_dictionaries(
    {
        "origin": st.sampled_from(
            ["published-source"] * 2 + ["submitted", "interview"]
        ),
        "place": st.sampled_from(["country", "country", "region", "none"]),
        "naming": st.sampled_from(["named", "named", "pseudonym", "type-only"]),
        "names": st.booleans(),
    }
)
consents = st.fixed_dictionaries(
    {
        "given": st.sampled_from([-400, -1, -1, -1, 0, 3]),
        "lasts": st.sampled_from([2, 30, 730, 730]),
        "is_withdrawn": st.sampled_from([False] * 5 + [True]),
        "scopes": st.sampled_from([SCOPES] * 4 + [SCOPES[:1], SCOPES[1:], SCOPES[:2]]),
    }
)
risks = st.fixed_dictionaries(
    {
        "decision": st.sampled_from(
            ["publish"] * 4 + ["redacted", "delay", "aggregate", "refuse"]
        ),
        "is_high": st.booleans(),
        "embargo": st.sampled_from([None] * 4 + [-2, 2, 40]),
        "due": st.sampled_from([-1, 5, 183, 183]),
    }
)
anybody = st.sampled_from(sorted(PEOPLE))
which = st.integers(0, 2)
waits = st.sampled_from([None, None, 0, 1, 9])


class Workflow(RuleBasedStateMachine):
    """People at the desk, the public, and a clock."""

    base = None  # the world that every run starts from
    happened = Counter()

    def __init__(self):
        super().__init__()
        self.cases, self.tokens, self.steps = [], {}, 0
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        Path(settings.WITHDRAWAL_LEDGER).unlink(missing_ok=True)
        # What an account may do is kept on it: each run has its own.
        self.people = deepcopy(self.base["people"])

    def teardown(self):
        try:
            if self.steps:
                self.look()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @property
    def today(self):
        return datetime.now(UTC).date()

    def pick(self, n):
        return self.cases[n % len(self.cases)]

    def step(self):
        """Time goes on; what a transaction leaves for its end is done."""
        self.steps += 1
        self.happened["steps"] += 1
        self.traveller.shift(timedelta(seconds=1))

    def attempt(self, act, *args, **kwargs):
        """Do something; whether it was not refused."""
        self.step()
        try:
            with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
                act(*args, **kwargs)
        except Refused:
            self.happened[f"{act.__name__} refused"] += 1
            return False
        self.happened[act.__name__] += 1
        return True

    def has_role(self, name, *roles):
        return self.people[name].is_active and set(PEOPLE[name]) & set(roles)

    # What people do

    @initialize(first=texts, second=texts, risk=st.sampled_from(GOOD_RISKS))
    def begin(self, first, second, risk):
        """One case is public, or will be; another is a draft."""
        self.write_new("author", first)
        self.go_by_the_book(0, risk, 30, None)
        self.write_new("writer", second)

    @rule(
        n=which,
        risk=st.sampled_from(GOOD_RISKS),
        lasts=st.sampled_from([30, 730]),
        wait=waits,
    )
    def go_by_the_book(self, n, risk, lasts, wait):
        """All that a release needs, each by somebody who may."""
        known = self.pick(n)
        told = known.draft, known.consents, known.risks, self.today
        if known.draft and not may_come(*told):
            is_hidden = known.draft.names and known.draft.naming != "named"
            if known.draft.place == "country" or is_hidden:
                values = {"origin": "submitted", "place": "none"}
                self.write_on(n, "author", values | {"naming": "named", "names": False})
            self.consent(n, CONSENT | {"lasts": lasts})
        self.assess(n, risk)
        self.explain(n)
        for by in ("reviewer", "checker", "both"):
            self.look_over(n, by, True)
        self.publish_now_or_later(n, "publisher", wait)

    @precondition(lambda self: len(self.cases) < 3)
    @rule(by=st.sampled_from(["author", "writer", "all"]), values=texts)
    def write_new(self, by, values):
        self.step()
        n = len(self.cases) + 1
        case = Case(
            code=f"C{n:03}",
            slug=slug_of(f"C{n:03}"),
            telling="described",
            evidence="study",
            last_checked=date(2026, 1, 1),
        )
        self.fill(case, values, Known(0, case.code))
        case.citations = [CaseCitation(source=self.base["source"], basis="stated")]
        encounter = Encounter(
            form=self.base["form"], form_basis="stated", text="what they met"
        )
        encounter.citations = [
            EncounterCitation(source=self.base["source"], basis="stated")
        ]
        case.encounters = [encounter]
        case.save()
        self.cases.append(Known(case.pk, case.code))
        self.keep(case, self.cases[-1], by, values)

    @rule(n=which, by=st.sampled_from(["author", "writer", "all"]), values=texts)
    def write_on(self, n, by, values):
        self.step()
        known = self.pick(n)
        case = Case.objects.get(pk=known.pk).get_latest_revision_as_object()
        self.keep(case, known, by, values)

    def keep(self, case, known, by, values):
        """Save a draft."""
        known.draft = self.fill(case, values, known)
        case.save_revision(user=self.people[by])
        known.ever.add(by)
        known.since.add(by)

    def fill(self, case, values, known):
        token = f"token{len(self.tokens)}x"
        text = self.tokens[token] = Text(token, **values)
        case.title, case.snapshot = text.title, f"all of {token}"
        case.origin, case.place_precision = text.origin, text.place
        case.country = self.base["country"] if text.place == "country" else None
        case.region = self.base["region"] if text.place == "region" else None
        case.naming = text.naming
        case.organisations = [self.base["organisation"]] if text.names else []
        case.pseudonym = "a group" if text.naming == "pseudonym" else ""
        case.organisation_kind = "civil-society" if text.naming == "type-only" else ""
        return text

    @rule(n=which, by=anybody, agrees=st.sampled_from([True] * 5 + [False]))
    def explain_and_look_over(self, n, by, agrees):
        self.explain(n)
        self.look_over(n, by, agrees)

    def look_over(self, n, by, agrees):
        """Say what one thinks of a draft."""
        known = self.pick(n)
        draft = draft_of(Case.objects.get(pk=known.pk))
        assert (draft is None) == (known.draft is None)
        if draft is None:
            return
        assert draft.record.title == known.draft.title
        done = self.attempt(
            review,
            Case.objects.get(pk=known.pk),
            by=self.people[by],
            digest=draft.digest,
            opinion="approve" if agrees else "change",
            comment="say it otherwise",
        )
        assert done == bool(self.has_role(by, "Reviewers") and by not in known.authors)
        if done:
            known.opinions.setdefault(draft.digest, {})[by] = agrees

    def explain(self, n):
        """Say of every finding why it may stay."""
        self.step()
        known = self.pick(n)
        case = Case.objects.get(pk=known.pk)
        if draft := draft_of(case):
            for finding in unexplained(draft.record):
                Explanation.objects.create(
                    kind="case",
                    record_id=case.pk,
                    finding=finding.key,
                    by=self.people["reviewer"],
                    why="it stands in the source",
                )

    @rule(n=which, values=consents)
    def consent(self, n, values):
        known = self.pick(n)
        given = self.today + days(values["given"])
        row = {
            "given_on": given,
            "expires_on": given + days(values["lasts"]),
            "withdrawn_on": self.today if values["is_withdrawn"] else None,
            "scopes": values["scopes"],
        }
        entry = ConsentFactory.build(case=Case.objects.get(pk=known.pk), **row)
        assert self.attempt(record_consent, entry, by=self.people["all"])
        known.consents.append(row)
        known.opinions.clear()
        self.expect_upheld(known)

    @rule(n=which, values=risks)
    def assess(self, n, values):
        known = self.pick(n)
        wait = values["embargo"]
        if values["decision"] == "delay" and wait is None:
            wait = 7
        row = {
            "decision": values["decision"],
            "likelihood": 4 if values["is_high"] else 2,
            "severity": 4,
            "embargo_until": None if wait is None else self.today + days(wait),
            "review_due": self.today + days(values["due"]),
        }
        entry = RiskFactory.build(case=Case.objects.get(pk=known.pk), **row)
        by = "assessor" if len(known.risks) % 3 else "colleague"
        assert self.attempt(record_risk, entry, by=self.people[by])
        known.risks.append(row | {"by": by})
        known.opinions.clear()
        self.expect_upheld(known)

    def expect_upheld(self, known):
        """A public case that may not be seen any more is a draft again."""
        if known.is_live and not may_come(
            known.released, known.consents, known.risks, self.today
        ):
            known.is_live = False
            known.opinions.clear()
            if known.draft is None:
                known.draft = known.released

    def may_release(self, known, by, draft):
        """Whether a person may release what is written now."""
        opinions = known.opinions.get(draft.digest, {})
        counting = {
            name
            for name in opinions
            if self.has_role(name, "Reviewers") and name not in known.authors
        }
        return bool(
            known.draft
            and self.has_role(by, "Publishers")
            and by not in known.authors
            and all(opinions.values())
            and len(counting) >= (2 if needs_two(known.risks) else 1)
            and may_come(known.draft, known.consents, known.risks, self.today)
            and not unexplained(draft.record)
        )

    @rule(n=which, by=anybody, wait=waits)
    def publish_now_or_later(self, n, by, wait):
        if wait is None:
            self.publish(n, by)
        else:
            self.publish_later(n, by, wait)

    def publish(self, n, by):
        """Release what is written, where that may be."""
        known = self.pick(n)
        case = Case.objects.get(pk=known.pk)
        draft = draft_of(case)
        may = draft and self.may_release(known, by, draft)
        done = self.attempt(release, case, by=self.people[by], words="it says more")
        assert done == bool(may)
        if done:
            self.expect_released(known)

    def expect_released(self, known):
        known.released, known.draft = known.draft, None
        known.is_live, known.is_withdrawn = True, False
        known.since, known.waiting = set(), None
        known.opinions.clear()

    def publish_later(self, n, by, wait):
        """Let a release wait for its time."""
        known = self.pick(n)
        case = Case.objects.get(pk=known.pk)
        draft = draft_of(case)
        may = draft and self.may_release(known, by, draft)
        at = datetime.now(UTC) + days(wait)
        done = self.attempt(
            schedule, case, by=self.people[by], at=at, words="it says more"
        )
        assert done == bool(may)
        if done:
            known.waiting = at, by, draft.digest

    @rule(n=which, by=anybody)
    def withdraw_one(self, n, by):
        known = self.pick(n)
        case = Case.objects.get(pk=known.pk)
        done = self.attempt(withdraw, case, by=self.people[by])
        assert done == bool(self.has_role(by, "Publishers"))
        if done and not known.is_withdrawn:
            known.is_live, known.is_withdrawn, known.waiting = False, True, None
            known.opinions.clear()

    @rule(name=st.sampled_from(["reviewer", "publisher", "both"]))
    def leave_or_return(self, name):
        self.step()
        user = self.people[name]
        user.is_active = not user.is_active
        user.save()

    # What happens by itself

    @rule(n=st.sampled_from([0, 1, 2, 7, 31, 400]), then_sweep=st.sampled_from("yyn"))
    def wait(self, n, then_sweep):
        self.traveller.shift(days(n))
        if then_sweep == "y":
            self.what_is_seen_is_what_may_be_seen()
            self.sweep_all()

    def sweep_all(self):
        """What the machine does every minute."""
        self.step()
        for known in self.cases:
            self.expect_upheld(known)
        due = [c for c in self.cases if c.waiting and c.waiting[0] <= datetime.now(UTC)]
        before = Release.objects.count()
        with TestCase.captureOnCommitCallbacks(execute=True):
            counts = sweep()
        assert not counts["failed"]
        self.happened.update({f"swept: {name}": n for name, n in counts.items()})
        assert counts["released"] + counts["unscheduled"] == len(due)
        assert Release.objects.count() - before == counts["released"]
        for known in due:
            self.expect_due(known)

    def expect_due(self, known):
        """What waited was released, or called off: the site says which, and may it."""
        _at, by, digest = known.waiting
        case = Case.objects.get(pk=known.pk)
        known.waiting = None
        assert not Schedule.objects.of(case).exists()
        if case.latest_revision.releases.exists() and known.draft:
            assert known.opinions.get(digest)
            assert by not in known.authors
            assert may_come(known.draft, known.consents, known.risks, self.today)
            self.expect_released(known)

    # What must hold

    def visible(self):
        """What the public should see now."""
        return {
            known.code: known.released
            for known in self.cases
            if known.is_live
            and not why_not(known.released, known.consents, known.risks, self.today)
        }

    @invariant()
    def what_is_seen_is_what_may_be_seen(self):
        expected = self.visible()
        self.happened["seen"] += len(expected)
        told = "pk", "code", "title", "origin", "country", "region", "snapshot"
        rows = list(Case.objects.published().values_list(*told, named=True))
        published = {row.code: row for row in rows}
        assert set(published) == set(expected)
        for code, text in expected.items():
            case = published[code]
            assert (case.title, case.origin) == (text.title, text.origin)
            assert bool(case.country) == (text.place == "country")
            assert bool(case.region) == (text.place == "region")
            assert case.snapshot == f"all of {text.token}"
        assert sum(facets.counts_of("telling").values()) == len(expected)
        entries = SearchEntry.objects.filter(
            kind="case", record_id__in=[row.pk for row in rows]
        )
        told = {text.title for text in expected.values()}
        assert {entry.title for entry in entries} <= told

    @invariant()
    def people_were_two(self):
        row = Release.objects.order_by("pk").last()
        if row:
            assert row.publisher_id not in (row.author_id, None)
            assert row.reviewer_id != row.author_id
            assert not row.is_high or row.second_reviewer_id != row.reviewer_id

    @rule(output=st.sampled_from(OUTPUTS))
    def visit(self, output):
        """One kind of page over HTTP, as everybody sees it: an address of it."""
        expected = self.visible()
        found = dict.fromkeys(
            address
            for known in self.cases
            for address in output.addresses(Case.objects.get(pk=known.pk))
        )
        if output.name != "cases:detail" and found:
            found = [[*found][self.steps % len(found)]]
        for address in found:
            self.happened["fetched"] += 1
            response = Client().get(address)
            assert response.status_code in self.status(output, address, expected)
            self.judge(text_of(response), expected, address)

    def status(self, output, address, expected):
        """What an address may answer: no page of a case that may not be seen."""
        mine = [
            known
            for known in self.cases
            if f"/{slug_of(known.code)}/" in address or known.code in address
        ]
        if not mine or mine[0].code in expected:
            # A consent may let a case be read, and not be given away.
            return {200} if output.scope in (None, Scope.TEXT) else {200, 404}
        if output.name == "cases:detail":
            return {410} if mine[0].is_withdrawn else {404}
        return {200, 400, 404, 410}  # of all cases, and of this one alone

    def look(self):
        """A third of the site, another one after each number of steps."""
        axes = facets.AXES["form-family"]
        table = facets.table(Selection(), axes, facets.vocabulary())
        assert table.total.count == len(self.visible())
        for output in OUTPUTS[self.steps % 3 :: 3]:
            self.visit(output)

    def judge(self, body, expected, address):
        """A page names nothing but what may be seen."""
        shown = {text.token for text in expected.values()}
        for token in self.tokens:
            assert token not in body or token in shown, (address, token)
        for known in self.cases:
            seen = slug_of(known.code) in body
            assert not seen or known.code in expected, (address, known.code)
        if address == "/cases/":
            assert all(token in body for token in shown)


@pytest.fixture(scope="module")
def base(django_db_setup, django_db_blocker):
    """People, a place, a form, a source: what every run starts from."""
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    with django_db_blocker.unblock(), transaction.atomic(), quick:
        source = SourceFactory()
        region = RegionFactory()
        country = CountryFactory(region=region)
        form, organisation = FormFactory(), OrganisationFactory(country=country)
        cite(form, source)
        cite(organisation, source)
        yield {
            "source": source,
            "region": region,
            "country": country,
            "form": form,
            "organisation": organisation,
            "people": {
                name: person(name, *roles, factor=False)
                for name, roles in PEOPLE.items()
            },
        }
        transaction.set_rollback(True)


def test_nothing_is_seen_that_may_not_be_seen(base):
    chosen = hypothesis.settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        derandomize="KB_MACHINE" not in os.environ,
        # Making a failure small takes minutes: by hand only.
        phases=tuple(Phase) if "KB_MACHINE" in os.environ else [Phase.generate],
    )
    Workflow.base = base
    run_state_machine_as_test(Workflow, settings=chosen)

    happened = Workflow.happened
    print(f"{RUNS} runs of {STEPS} steps: {dict(sorted(happened.items()))}")  # -s
    for name in ("release", "schedule", "withdraw", "seen", "swept: hidden"):
        assert happened[name], name
