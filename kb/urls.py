"""Every address of the site."""

from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from cases.urls import strategy_urlpatterns
from kb.pages import errors

urlpatterns = [
    path("", include("kb.pages.urls")),
    path("", include("cases.urls")),
    path("strategies/", include((strategy_urlpatterns, "strategies"))),
    path("sources/", include("sources.urls")),
    path("desk/account/", include("allauth.urls")),
    path("desk/login/", RedirectView.as_view(pattern_name="account_login")),
    path("desk/logout/", RedirectView.as_view(pattern_name="account_logout")),
    path("desk/", include(wagtailadmin_urls)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
