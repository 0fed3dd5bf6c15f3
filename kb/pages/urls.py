"""Addresses of the site itself."""

from django.contrib.sitemaps import views as sitemaps
from django.urls import path
from django.views.decorators.http import require_safe

from kb.pages import changes, leaving, views, wellknown
from kb.pages.sitemap import SITEMAPS

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("safety/", views.safety, name="safety"),
    path("changes/", changes.changes, name="changes"),
    path("withdrawn.json", changes.withdrawn, name="withdrawn"),
    path("leave/", leaving.leave, name="leave"),
    path("robots.txt", wellknown.robots, name="robots"),
    path("favicon.ico", wellknown.favicon, name="favicon"),
    path(
        "sitemap.xml",
        require_safe(sitemaps.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "pages:sitemap_of"},
        name="sitemap",
    ),
    path(
        "sitemap-<section>.xml",
        require_safe(sitemaps.sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap_of",
    ),
    path(".well-known/security.txt", wellknown.security, name="security"),
    path("healthz", wellknown.healthz, name="healthz"),
    path("readyz", wellknown.readyz, name="readyz"),
]
