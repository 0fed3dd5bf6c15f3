"""All settings. The environment decides; what it leaves out is safe for production.

The README section “Settings” has the same list as a table; a test keeps the
two alike.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent


def required(name: str) -> str:
    """Read a variable that has no safe default, or say where it is explained."""
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(
        f"The environment variable {name} is missing: see README, section “Settings”."
    )


def switched_on(name: str) -> bool:
    """Read a variable that is 1, 0 or not there."""
    value = os.environ.get(name) or "0"
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")
    return value == "1"


def address(name: str, value: str, *schemes: str) -> str:
    """Insist that a setting is an address with one of these schemes."""
    if not value.startswith(schemes):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: begin with {' or '.join(schemes)}"
        )
    return value


def mailers(url: str) -> dict:
    """How letters go out: smtp://user:password@host:587 (TLS), console:, or nothing."""
    backend = "django.core.mail.backends.{}.EmailBackend".format
    if url in ("", "console:"):
        return {"default": {"BACKEND": backend("console" if url else "dummy")}}
    parts = urlsplit(address("MAIL_URL", url, "smtp://"))
    options = {
        "host": parts.hostname,
        "port": parts.port or 587,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": True,
        "timeout": 10,
    }
    return {"default": {"BACKEND": backend("smtp"), "OPTIONS": options}}


def replicas(urls: str) -> dict[str, dict]:
    """The servers that follow the database and may be read from, by their names."""
    found = {}
    for number, url in enumerate(urls.split(), 1):
        if not url.startswith(("postgresql://", "postgres://")):  # nor say its password
            raise ImproperlyConfigured(
                f"DATABASE_REPLICA_URLS: address {number} must begin with postgresql://"
            )
        # Not asked before each use whether it works: another one is tried if not.
        found[f"replica{number}"] = dj_database_url.parse(url, conn_max_age=60)
    return found


def seconds(name: str, value: str, least: int, most: int) -> int:
    """Insist that a setting is a number of seconds within these bounds."""
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write a whole number from {least} to {most}."
        )
    return int(value)


# Who we are and how we are reached

SECRET_KEY = required("SECRET_KEY")
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",")]
INSECURE_HTTP = switched_on("INSECURE_HTTP")
# Django’s own DEBUG stays off: its error pages show far too much.
DEMO = switched_on("DEBUG")
if DEMO and not INSECURE_HTTP:
    raise ImproperlyConfigured(
        "DEBUG=1 lets anybody sign in: for development only, with INSECURE_HTTP=1."
    )
BEHIND_PROXY = switched_on("BEHIND_PROXY")
LEAVE_URL = address(
    "LEAVE_URL",
    os.environ.get("LEAVE_URL", "https://www.wikipedia.org/"),
    *(["https://", "http://"] if INSECURE_HTTP else ["https://"]),
)
SECURITY_CONTACT = address(
    "SECURITY_CONTACT",
    os.environ.get("SECURITY_CONTACT", "mailto:security@localhost")
    if INSECURE_HTTP
    else required("SECURITY_CONTACT"),
    "mailto:",
    "https://",
)

# What runs

INSTALLED_APPS = [
    "kb.apps.KnowledgeBase",
    "kb.exports.apps.Exports",
    "curation.apps.Curation",
    "cases.apps.Cases",
    "strategies.apps.Strategies",
    "sources.apps.Sources",
    # Drafts, revisions, workflow and locks of our records. No Wagtail pages are used;
    # images and documents are there because comparing revisions needs them.
    "wagtail.snippets",
    "wagtail.users",
    "wagtail.images",
    "wagtail.documents",
    "wagtail.admin",
    "wagtail",
    # Accounts with a second factor.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "modelcluster",
    "modelsearch",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "kb.api.opening.ForPrograms",
    "django.middleware.http.ConditionalGetMiddleware",
    "kb.replicas.reading.ReadFromReplicas",
    "kb.pages.caching.KeptPages",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kb.desk.policy.DeskPolicy",
    "kb.desk.screens.ListedScreens",
    "kb.pages.errors.ErrorPages",
    "kb.pages.leaving.Leaving",
    "kb.pages.caching.PublicCaching",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "curation.accounts.gate.SecondFactorGate",
]

ROOT_URLCONF = "kb.urls"
WSGI_APPLICATION = "kb.wsgi.application"
# Widgets come from templates/ too: the desk’s date fields start no inline script.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
                "kb.desk.demo.demo",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# What is stored

(BASE_DIR / "var").mkdir(exist_ok=True)
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'var/kb.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers do not wait for a writer, and a writer waits for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

DATABASES |= replicas(os.environ.get("DATABASE_REPLICA_URLS", ""))
REPLICAS = [name for name in DATABASES if name != "default"]
# Together with what a proxy may keep, a withdrawn case is gone within a minute. Less
# than five seconds is not more than it takes to be sure that the primary is silent.
REPLICA_MAX_LAG = seconds(
    "REPLICA_MAX_LAG", os.environ.get("REPLICA_MAX_LAG") or "10", 5, 10
)
# A function that is asked before a page is read from a replica, with its name: whether
# that holds all that this process has shown already.
REPLICA_IS_CURRENT = "cases.keeping.is_current"
# A pooler shares a line to PostgreSQL among several who ask. Without one, what is asked
# on every request is planned once for each line (sources/prepared.py).
IS_POOLED = switched_on("DATABASE_IS_POOLED")
for database in DATABASES.values():
    if "postgresql" in database["ENGINE"]:
        database["DISABLE_SERVER_SIDE_CURSORS"] = IS_POOLED
        options = database.setdefault("OPTIONS", {})
        if not IS_POOLED:
            own = options.get("options", "")
            options["options"] = f"-c plan_cache_mode=force_generic_plan {own}"
DATABASE_ROUTERS = ["kb.replicas.pin.Router"] if REPLICAS else []
if REPLICAS and "postgresql" not in DATABASES["default"]["ENGINE"]:
    raise ImproperlyConfigured("DATABASE_REPLICA_URLS: DATABASE_URL is no PostgreSQL.")
for name in ("default", *REPLICAS) if REPLICAS else ():
    # A server that is away is not waited for: libpq waits two seconds at least.
    usual = {"connect_timeout": 2, "tcp_user_timeout": 3000}
    DATABASES[name]["OPTIONS"] = usual | DATABASES[name].get("OPTIONS", {})

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The desk: cookies are for it alone, so that a curator reads the site like anybody.

SESSION_COOKIE_NAME = "desk"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/desk/"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_SERIALIZER = "curation.accounts.sealing.SealedSerializer"
CSRF_USE_SESSIONS = False

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
if DEMO:
    AUTHENTICATION_BACKENDS += ["curation.accounts.demo.Demo"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
ACCOUNT_ADAPTER = "curation.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# The one-time address leads on to setting up a second factor.
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "curation.accounts.adapters.SecondFactors"
MFA_FORMS = {"reauthenticate": "curation.accounts.forms.CodeAgain"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = INSECURE_HTTP
MFA_TOTP_ISSUER = "Resistance and response"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Far more than one day’s failed attempts: a full cache would forget some.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# Beside the database, so that restoring an old copy of that forgets no withdrawal.
WITHDRAWAL_LEDGER = os.environ.get(
    "WITHDRAWAL_LEDGER", str(BASE_DIR / "var/withdrawals.jsonl")
)

# What else `manage.py sweep` does, once what must not wait is done.
AFTER_SWEEP = ["kb.exports.versions.keep_up"]
# Files that are read without a network: build_offline makes them anew.
OFFLINE_DIR = os.environ.get("OFFLINE_DIR", str(BASE_DIR / "var/offline"))

# Notices to curators; without a server none is sent.
MAILERS = mailers(os.environ.get("MAIL_URL", "console:" if INSECURE_HTTP else ""))
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", f"desk@{ALLOWED_HOSTS[0]}")

WAGTAIL_SITE_NAME = "Resistance and response"
PORT = os.environ.get("PORT") or "8000"
WAGTAILADMIN_BASE_URL = (
    f"http://{ALLOWED_HOSTS[0]}:{PORT}"
    if INSECURE_HTTP
    else f"https://{ALLOWED_HOSTS[0].removeprefix('.')}"
)
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "kb/locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# Files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var/static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Safety

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": [CSP.NONE],
}
# Not no-referrer: Chromium would send “Origin: null”, and every form would be refused.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "kb.pages.errors.forged"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not INSECURE_HTTP
SECURE_HSTS_PRELOAD = not INSECURE_HTTP
SESSION_COOKIE_SECURE = not INSECURE_HTTP
CSRF_COOKIE_SECURE = not INSECURE_HTTP
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# A link with more parameters than this is refused with a sentence.
MOST_PARAMETERS = 200
# A case with thirty responses is a form of some thousand fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# What went wrong, never who was there: no address, no path, no query.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {
            "handlers": ["nowhere"],
            "level": "ERROR",
            "propagate": False,
        },
        "django.security": {
            "handlers": ["nowhere"],
            "level": "ERROR",
            "propagate": False,
        },
        "kb": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
