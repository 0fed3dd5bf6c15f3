"""All settings. The environment decides; what it leaves out is safe for production.

The README section “Settings” has the same list as a table; a test keeps the
two alike.
"""

import os
from pathlib import Path

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


# Who we are and how we are reached

SECRET_KEY = required("SECRET_KEY")
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",")]
INSECURE_HTTP = switched_on("INSECURE_HTTP")
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
    "cases.apps.Cases",
    "strategies.apps.Strategies",
    "sources.apps.Sources",
    # Drafts, revisions, workflow and locks of our records. No Wagtail pages are used.
    "wagtail",
    "modelcluster",
    "modelsearch",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kb.pages.errors.ErrorPages",
    "kb.pages.leaving.Leaving",
    "kb.pages.caching.PublicCaching",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

ROOT_URLCONF = "kb.urls"
WSGI_APPLICATION = "kb.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
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

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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

# A link with more parameters than this is refused with a sentence.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

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
