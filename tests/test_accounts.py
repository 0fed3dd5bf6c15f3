"""Accounts of the desk: how people come in, and how they are kept out."""

import base64
import os
import re
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from curation.accounts import people
from curation.accounts.adapters import Accounts
from curation.accounts.again import second_factor_again
from curation.accounts.invitations import invite, set_up_path
from curation.models import AuditEntry
from curation.roles import ADMINS, AUTHORS, PUBLISHERS, REVIEWERS, ROLES, make_groups
from kb.urls import urlpatterns as site_urls
from tests.desk import SECRET, at_desk, person

# Wagtail’s and allauth’s own templates ask for what is not there.
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fast_hasher(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def groups(db):
    make_groups(Group.objects, Permission.objects)


@pytest.fixture(autouse=True)
def still(time_machine):
    """The clock stands: a code is good for its own half minute only."""
    time_machine.move_to(datetime.now(UTC), tick=False)


@pytest.fixture
def anybody():
    return Client(headers={"host": "127.0.0.1"})


def code_now(secret=SECRET, ago=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - ago))


def sign_in(client, name, password=PASSWORD, **more):
    return client.post(
        reverse("account_login"), {"login": name, "password": password}, **more
    )


def run(command, *args, **options):
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
        return str(cursor.fetchall())


# Coming in


def test_from_the_first_address_to_the_desk_without_being_asked_twice(anybody):
    told = run("make_admin", "anna")
    address = re.search(r"http://127\.0\.0\.1:8000(/desk/account/set-up/\S+)", told)[1]
    assert not get_user_model().objects.get().is_superuser

    form = anybody.get(address, follow=True)
    new = {"password1": PASSWORD, "password2": PASSWORD}
    answer = anybody.post(form.redirect_chain[-1][0], new, follow=True)
    assert answer.request["PATH_INFO"] == reverse("mfa_index")
    assert "opens only with a second factor" in answer.content.decode()

    page = anybody.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = page.context["form"].secret
    answer = anybody.post(
        reverse("mfa_activate_totp"), {"code": code_now(secret)}, follow=True
    )
    assert answer.request["PATH_INFO"] == reverse("mfa_view_recovery_codes")
    assert len(answer.context["unused_codes"]) == 10
    assert anybody.get(reverse("wagtailadmin_home")).status_code == 200
    assert anybody.get(reverse("curation:people")).status_code == 200


def test_an_address_is_good_once(anybody):
    address = set_up_path(invite("ben", groups=[], by=None))
    first = anybody.get(address, follow=True).redirect_chain[-1][0]
    anybody.post(first, {"password1": PASSWORD, "password2": PASSWORD})

    answer = Client(headers={"host": "127.0.0.1"}).get(address, follow=True)

    assert "This address is used up" in answer.content.decode()


def test_password_then_code_opens_the_desk_and_a_code_works_once(anybody):
    person("carla", AUTHORS)
    code = code_now()

    assert sign_in(anybody, "carla").url == reverse("mfa_authenticate")
    assert anybody.get(reverse("wagtailadmin_home")).status_code == 302
    answer = anybody.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.url == reverse("wagtailadmin_home")
    assert anybody.get(answer.url).status_code == 200

    other = Client(headers={"host": "127.0.0.1"})
    sign_in(other, "carla")
    again = other.post(reverse("mfa_authenticate"), {"code": code})
    assert again.status_code == 200
    assert "Incorrect code" in again.content.decode()


def test_a_recovery_code_opens_the_desk_but_does_not_confirm(anybody):
    admin = person("dora", ADMINS)
    code = RecoveryCodes.activate(admin).get_unused_codes()[0]
    sign_in(anybody, "dora")
    anybody.post(reverse("mfa_authenticate"), {"code": code})
    assert anybody.get(reverse("wagtailadmin_home")).status_code == 200

    answer = anybody.get(reverse("curation:people"))

    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    spare = RecoveryCodes(
        Authenticator.objects.get(user=admin, type="recovery_codes")
    ).get_unused_codes()[0]
    answer = anybody.post(reverse("mfa_reauthenticate"), {"code": spare})
    assert "Six digits" in answer.content.decode()


def test_a_password_alone_opens_nothing_but_the_way_to_a_factor(anybody):
    person("emil", AUTHORS, factor=False)
    sign_in(anybody, "emil")

    for address in ("/desk/", "/desk/snippets/cases/case/", "/desk/curation/log/"):
        assert anybody.get(address).url == reverse("mfa_index")


def test_a_session_from_before_the_factor_must_show_it(anybody):
    """Somebody who knew the password was in first; then the owner set up a factor."""
    user = person("fritz", AUTHORS, factor=False)
    sign_in(anybody, "fritz")
    secret = get_adapter().encrypt(SECRET)
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret})

    answer = anybody.get("/desk/")
    assert answer.url == f"{reverse('mfa_reauthenticate')}?next=%2Fdesk%2F"
    # Nor does the password take the factor away.
    weak = anybody.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert weak.url.startswith(reverse("mfa_reauthenticate"))
    answer = anybody.post(reverse("mfa_deactivate_totp"))
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.filter(user=user).exists()


def test_who_removes_the_last_factor_needs_a_new_one():
    user = person("gerd", AUTHORS)
    client = at_desk(user)
    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/desk/").url == reverse("mfa_index")


def test_an_account_without_a_role_is_told_so():
    client = at_desk(person("hanna"))

    assert client.get("/desk/").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/desk/account/signup/",
        "/desk/account/email/",
        "/desk/account/password/reset/",
        "/desk/account/password/set/",
        "/desk/account/confirm-email/",
        "/desk/password_reset/",
        "/desk/account/3rdparty/",
    ],
)
def test_there_is_no_sign_up_no_email_and_no_reset(anybody, address):
    assert anybody.get(address).status_code == 404
    assert anybody.post(address).status_code == 404


def test_the_sign_in_page_offers_no_way_that_is_closed(anybody):
    page = anybody.get(reverse("account_login")).content.decode()

    assert "sign up" not in page.lower()
    assert "Forgot" not in page
    assert "demo" not in page.lower()


# Kept secret


def test_a_copied_database_gives_no_secret_away(anybody):
    user = person("ida", AUTHORS, factor=False)
    sign_in(anybody, "ida")
    page = anybody.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    session = Session.objects.get()
    assert session.get_decoded()["mfa.totp.secret"] == secret
    anybody.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    codes = RecoveryCodes(
        Authenticator.objects.get(user=user, type="recovery_codes")
    ).get_unused_codes()

    kept = rows_of("mfa_authenticator")

    assert secret not in kept
    assert not any(code in kept for code in codes)
    assert "seed" in kept  # of the recovery codes, but
    seed = Authenticator.objects.get(user=user, type="recovery_codes").data["seed"]
    assert get_adapter().decrypt(seed) != seed


def test_a_session_cannot_be_read_without_the_key():
    client = at_desk(person("jan", AUTHORS))
    session = client.session
    session["kept"] = "a form with a consent in it"
    session.save()

    stored = Session.objects.get().session_data.split(":")[0]
    packed = base64.urlsafe_b64decode(stored.lstrip(".") + "===")
    told = zlib.decompress(packed) if stored.startswith(".") else packed

    assert b"consent" not in told
    assert client.session["kept"] == "a form with a consent in it"


def test_no_address_is_stored_while_attempts_are_counted(anybody, caplog, capfd):
    for _attempt in range(7):
        sign_in(anybody, "nobody", REMOTE_ADDR="203.0.113.77")
    sign_in(anybody, "nobody", REMOTE_ADDR="2001:db8::77")

    kept = rows_of("cache") + rows_of("django_session") + caplog.text
    kept += "".join(capfd.readouterr())

    assert "allauth" in kept
    for part in ("203.0.113.77", "2001:db8"):
        assert part not in kept


def test_the_pseudonym_changes_every_day_and_joins_a_network(rf, time_machine):
    def name(address):
        return Accounts().get_client_ip(rf.get("/", REMOTE_ADDR=address))

    time_machine.move_to("2030-01-01 12:00Z")
    first = name("203.0.113.77")
    assert first == name("203.0.113.77") != name("203.0.113.78")
    assert name("2001:db8::1") == name("2001:db8::2")
    assert name("") == name("unix:")
    time_machine.move_to("2030-01-02 12:00Z")
    assert first != name("203.0.113.77")


def test_failures_lock_out_with_429_and_a_sentence(anybody):
    person("karl", AUTHORS)
    answers = [sign_in(anybody, "karl", "wrong") for _attempt in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "wait five minutes" in answers[-1].content.decode()
    assert sign_in(anybody, "karl").status_code == 429


def test_wrong_codes_lock_out_too(anybody):
    person("lena", AUTHORS)
    sign_in(anybody, "lena")
    codes = reverse("mfa_authenticate")
    answers = [anybody.post(codes, {"code": "000000"}) for _attempt in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


@pytest.mark.parametrize("state", ["in use", "invited", "disabled"])
def test_existing_and_unknown_accounts_answer_alike(anybody, state, monkeypatch):
    user = person("mona", AUTHORS)
    if state != "in use":
        user.set_unusable_password()
    user.is_active = state != "disabled"
    user.save()
    hashed = []
    encode = MD5PasswordHasher.encode

    def counting(self, *args):
        hashed.append(1)
        return encode(self, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    told = []
    for name in ("mona", "mono"):
        hashed.clear()
        answer = sign_in(anybody, name, "wrong horse battery")
        text = re.sub(r'value="[^"]*"', "", answer.content.decode())
        told.append((answer.status_code, text, len(hashed)))

    assert told[0] == told[1]
    assert told[0][2] == 1


# Shown again


@second_factor_again
def deed(request):
    return HttpResponse(f"{request.method} {request.path} {request.POST.get('words')}")


urlpatterns = [
    path("desk/curation/deed/", deed),
    path("desk/account/", include("curation.accounts.urls")),
    *site_urls,
]
DEED = "/desk/curation/deed/"


@pytest.fixture
def deeds(settings):
    """An address of the desk that wants the factor again."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if not name.endswith("ListedScreens")
    ]


def test_a_factor_that_was_shown_lately_is_enough(deeds):
    assert at_desk(person("nora", AUTHORS)).get(DEED).status_code == 200


def test_a_page_opens_once_the_factor_was_shown_again(deeds):
    client = at_desk(person("olaf", AUTHORS), fresh=False)
    ask = client.get(DEED)
    assert ask.url == f"{reverse('mfa_reauthenticate')}?{urlencode({'next': DEED})}"
    assert "Your password" not in client.get(ask.url).content.decode()

    answer = client.post(ask.url, {"code": code_now(), "next": DEED})

    assert answer.url == DEED
    assert client.get(DEED).status_code == 200


def test_a_sent_form_is_kept_and_goes_on(deeds):
    client = at_desk(person("paul", AUTHORS), fresh=False)
    ask = client.post(DEED, {"words": "withdraw"}, REMOTE_ADDR="203.0.113.77")
    kept = str(client.session["account_reauthentication_state"])
    assert "203.0.113.77" not in kept

    answer = client.post(ask.url, {"code": code_now(), "next": DEED})

    assert answer.content.decode() == f"POST {DEED} withdraw"


def test_a_forgotten_form_is_not_sent_later(deeds, time_machine):
    client = at_desk(person("quin", AUTHORS), fresh=False)
    client.post(DEED, {"words": "withdraw"})
    # Another page asks for the factor, long after.
    there = reverse("account_change_password")
    answer = client.post(
        f"{reverse('mfa_reauthenticate')}?next={there}",
        {"code": code_now(), "next": there},
    )
    assert answer.url == there


def test_opening_the_page_anew_drops_the_form(deeds):
    client = at_desk(person("rosa", AUTHORS), fresh=False)
    client.post(DEED, {"words": "withdraw"})
    ask = client.get(DEED)

    answer = client.post(ask.url, {"code": code_now(), "next": DEED})

    assert answer.status_code == 302


def test_a_password_is_not_enough_and_not_offered(deeds):
    client = at_desk(person("sven", AUTHORS), fresh=False)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True},
        {"method": "mfa", "type": "totp", "at": time.time() - 301},
    ]
    session.save()

    assert client.get(DEED).url.startswith(reverse("mfa_reauthenticate"))
    weak = client.get(reverse("account_reauthenticate"))
    assert weak.url == reverse("mfa_reauthenticate")


# People


@pytest.fixture
def admin():
    return person("admin", ADMINS)


@pytest.fixture
def desk(admin):
    return at_desk(admin)


def act_on(desk, user, act, **more):
    return desk.post(reverse("curation:person", args=[user.pk]), {"act": act, **more})


def log_of(user):
    return list(
        AuditEntry.objects.filter(code=str(user.pk)).values_list("action", flat=True)
    )


def test_the_list_says_who_may_what(desk):
    person("tina", AUTHORS, PUBLISHERS, factor=False)
    page = desk.get(reverse("curation:people")).content.decode()

    for word in ("tina", "Authors, Publishers", "never", "in use"):
        assert word in page


def test_an_invited_person_gets_an_address_that_is_shown_once(desk, admin, anybody):
    form = {"name": "ulla", "roles": [REVIEWERS]}
    page = desk.post(reverse("curation:invite"), form).content.decode()
    user = get_user_model().objects.get(username="ulla")

    assert [group.name for group in user.groups.all()] == [REVIEWERS]
    assert log_of(user) == ["invited"]
    assert "ulla" not in rows_of("curation_auditentry")
    address = re.search(r"http://127\.0\.0\.1(/desk/account/set-up/[^\"]+)", page)[1]
    assert "Set a password" in anybody.get(address, follow=True).content.decode()
    assert address not in desk.get(reverse("curation:people")).content.decode()


@pytest.mark.parametrize("name", ["Admin", "demo-x", "", "a b"])
def test_a_name_that_cannot_be_is_refused(desk, name):
    form = {"name": name, "roles": [REVIEWERS]}

    assert desk.post(reverse("curation:invite"), form).status_code == 200
    assert get_user_model().objects.count() == 1


def test_disabling_ends_sessions_and_addresses_at_once(desk, anybody):
    user = person("vera", AUTHORS)
    theirs = at_desk(user)
    assert theirs.get("/desk/").status_code == 200
    address = set_up_path(user)

    act_on(desk, user, "disable")

    assert theirs.get("/desk/").url.startswith(reverse("account_login"))
    assert "used up" in anybody.get(address, follow=True).content.decode()
    assert log_of(user) == ["disabled"]
    # Enabled again, the old session and password stay dead.
    page = act_on(desk, user, "enable").content.decode()
    assert "/desk/account/set-up/" in page
    assert theirs.get("/desk/").url.startswith(reverse("account_login"))
    assert sign_in(anybody, "vera").status_code == 200
    assert log_of(user) == ["disabled", "enabled"]


def test_a_lost_factor_is_taken_away_with_the_password(desk):
    user = person("willy", AUTHORS)
    RecoveryCodes.activate(user)
    theirs = at_desk(user)
    act_on(desk, user, "reset")

    assert not Authenticator.objects.filter(user=user).exists()
    assert theirs.get("/desk/").url.startswith(reverse("account_login"))
    assert log_of(user) == ["reset"]


def test_a_new_address_ends_the_earlier_one(desk, anybody):
    user = person("xenia", AUTHORS)
    earlier = set_up_path(user)
    page = act_on(desk, user, "invite").content.decode()

    assert "used up" in anybody.get(earlier, follow=True).content.decode()
    assert "/desk/account/set-up/" in page
    assert Authenticator.objects.filter(user=user).exists()


def test_without_a_password_there_is_none_to_change(desk):
    """Somebody who signs in with a passkey may have none."""
    user = person("key", AUTHORS)
    user.set_unusable_password()
    user.save()
    client = at_desk(user)

    assert client.get(reverse("account_change_password")).status_code == 404
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Change the password" not in page


def test_a_changed_password_ends_other_sessions(anybody):
    user = person("two", AUTHORS)
    here, there = at_desk(user), at_desk(user)
    new = "another horse battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    here.post(reverse("account_change_password"), form)

    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 302


def test_roles_change(desk):
    user = person("yara", AUTHORS)
    act_on(desk, user, "roles", roles=[REVIEWERS, PUBLISHERS])

    names = set(user.groups.values_list("name", flat=True))
    assert names == {REVIEWERS, PUBLISHERS}
    assert log_of(user) == ["roles"]
    assert act_on(desk, user, "roles", roles=["Gods"]).status_code == 200
    assert act_on(desk, user, "delete").status_code == 404


@pytest.mark.parametrize("act", ["disable", "roles"])
def test_the_last_admin_stays(desk, admin, act):
    invite("waiting", groups=[ADMINS], by=None)  # cannot come in yet

    answer = act_on(desk, admin, act, roles=[AUTHORS])

    assert answer.url == reverse("curation:person", args=[admin.pk])
    assert "no other admin" in desk.get(answer.url).content.decode()
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.groups.get().name == ADMINS
    assert log_of(admin) == []

    other = person("zoe", ADMINS)
    act_on(desk, admin, act, roles=[AUTHORS])
    assert log_of(admin)
    with pytest.raises(ValidationError):
        people.disable(other, by=None)


@pytest.mark.parametrize("role", [None, AUTHORS, REVIEWERS, PUBLISHERS])
def test_only_admins_manage_people(role):
    user = person("nosy", *([role] if role else []))
    client = at_desk(user)

    assert act_on(client, user, "roles", roles=[ADMINS]).status_code in (302, 403)
    assert client.post(reverse("curation:invite"), {"name": "x"}).status_code != 200
    assert ADMINS not in user.groups.values_list("name", flat=True)
    assert AuditEntry.objects.count() == 0


def test_managing_people_needs_the_factor_again(admin):
    client = at_desk(admin, fresh=False)
    for name in ("people", "invite"):
        answer = client.get(reverse(f"curation:{name}"))
        assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert act_on(client, person("zack"), "disable").status_code == 302
    assert AuditEntry.objects.count() == 0


def test_the_list_of_people_asks_as_often_for_many(desk, django_assert_max_num_queries):
    for n in range(12):
        person(f"one-{n}", AUTHORS, REVIEWERS)
    with django_assert_max_num_queries(14):
        desk.get(reverse("curation:people"))


# The log


def test_the_log_shows_newest_first_and_one_record(desk, admin):
    users = [invite(f"p{n}", groups=[], by=admin) for n in range(60)]
    page = desk.get(reverse("curation:log"))
    newest, _by = page.context["rows"][0]
    assert newest.code == str(users[-1].pk)
    assert len(page.context["rows"]) == 50
    second = desk.get(reverse("curation:log"), {"page": 2})
    assert len(second.context["rows"]) == 10

    one = desk.get(reverse("curation:log"), {"code": f" {users[3].pk} "})
    assert [entry.code for entry, _by in one.context["rows"]] == [str(users[3].pk)]
    for odd in ({"page": "x"}, {"page": "9" * 30}, {"code": "\0"}, {"code": "²"}):
        assert desk.get(reverse("curation:log"), odd).status_code == 200
    assert desk.post(reverse("curation:log")).status_code == 405


def test_verify_audit_knows_a_whole_log_and_a_changed_one(admin):
    entries = [invite(f"p{n}", groups=[], by=admin) for n in range(3)]
    assert f"{len(entries)} rows" in run("verify_audit")
    last = AuditEntry.objects.order_by("-pk").first()
    assert last.seal in run("verify_audit")
    forged = AuditEntry.objects.create(
        account=1,
        action="released",
        code="C001",
        minute=last.minute,
        before=last.seal,
        seal="0" * 64,
    )

    with pytest.raises(CommandError, match=rf"row {forged.pk}\."):
        run("verify_audit")


# Commands, and the demo


def test_a_locked_out_admin_starts_over(anybody):
    user = person("anna", AUTHORS)
    theirs = at_desk(user)
    with pytest.raises(CommandError, match="--again"):
        run("make_admin", "anna")
    with pytest.raises(CommandError, match="There is no account"):
        run("make_admin", "nobody", again=True)

    told = run("make_admin", "anna", again=True)

    assert "/desk/account/set-up/" in told
    names = set(user.groups.values_list("name", flat=True))
    assert names == {AUTHORS, ADMINS}
    assert not Authenticator.objects.filter(user=user).exists()
    assert theirs.get("/desk/").url.startswith(reverse("account_login"))
    assert set(log_of(user)) == {"roles", "reset", "enabled"}


def test_there_is_no_demo_unless_it_is_switched_on(anybody):
    with pytest.raises(CommandError):
        run("make_demo")
    answer = anybody.post(reverse("account_demo"), {"name": "demo-admin"})
    assert answer.status_code == 404
    assert not get_user_model().objects.exists()


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "curation.accounts.demo.Demo",
    ]
    person("somebody", ADMINS)
    run("make_demo")
    run("make_demo")


def test_the_demo_signs_in_as_each_role_and_says_so(demo, anybody):
    page = anybody.get(reverse("account_login")).content.decode()
    assert "anybody can sign in" in page
    for name in ("demo-author", "demo-reviewer", "demo-publisher", "demo-admin"):
        assert name in page
        anybody.post(reverse("account_demo"), {"name": name})
        home = anybody.get("/desk/")
        assert home.status_code == 200
        assert "Demo: anybody can sign in" in home.content.decode()
    assert anybody.get(reverse("curation:people")).status_code == 200
    answer = anybody.post(reverse("account_demo"), {"name": "somebody"})
    assert answer.status_code == 404


def test_without_the_switch_demo_accounts_and_their_sessions_open_nothing(
    demo, anybody, settings
):
    anybody.post(reverse("account_demo"), {"name": "demo-admin"})
    settings.DEMO = False
    settings.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS[:1]

    assert anybody.get("/desk/").url.startswith(reverse("account_login"))
    user = get_user_model().objects.get(username="demo-admin")
    assert not user.has_usable_password()


def test_a_demo_account_comes_in_by_its_button_only(demo, anybody):
    user = get_user_model().objects.get(username="demo-admin")
    user.set_password(PASSWORD)
    user.save()

    assert sign_in(anybody, "demo-admin").url == reverse("account_inactive")
    with pytest.raises(CommandError, match="demo accounts"):
        run("make_admin", "demo-other")


def test_debug_is_refused_where_others_could_come():
    environment = {**os.environ, "DEBUG": "1", "INSECURE_HTTP": "0"}
    environment["SECURITY_CONTACT"] = "mailto:a@example.org"
    told = subprocess.run(
        [sys.executable, "-c", "import kb.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert "DEBUG=1 lets anybody sign in" in told.stderr


def test_the_readme_says_what_each_role_is_for():
    readme = (ROOT / "README.md").read_text()
    for role in ROLES.values():
        assert f"**{role.name}** {role.purpose}" in readme


def test_behind_a_proxy_the_address_it_saw_counts(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def name(forwarded):
        request = rf.get("/", headers={"x-forwarded-for": forwarded})
        return Accounts().get_client_ip(request)

    assert name("198.51.100.1, 203.0.113.77") == name("made-up, 203.0.113.77")
    assert name("203.0.113.77") != name("203.0.113.78")
