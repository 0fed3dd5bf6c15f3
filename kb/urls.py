"""Every address of the site."""

from allauth.account.views import logout
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from cases.urls import strategy_urlpatterns
from kb.pages import errors

urlpatterns = [
    path("", include("kb.pages.urls")),
    path("", include("cases.urls")),
    path("", include("kb.figures.urls")),
    path("", include("kb.handouts.urls")),
    path("", include("kb.offline.urls")),
    path("", include("kb.citing.urls")),
    path("strategies/", include((strategy_urlpatterns, "strategies"))),
    path("sources/", include("sources.urls")),
    path("data/", include("kb.exports.urls")),
    path("api/v1/", include("kb.api.urls")),
    path("feeds/", include("kb.feeds.urls")),
    path("desk/account/", include("curation.accounts.urls")),
    path(
        "desk/login/",
        RedirectView.as_view(pattern_name="account_login", query_string=True),
        name="desk_login",
    ),
    path("desk/logout/", logout, name="desk_logout"),
    path("desk/", include(wagtailadmin_urls)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many_attempts
handler500 = errors.server_error
