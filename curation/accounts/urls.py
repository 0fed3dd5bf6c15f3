"""Addresses of one’s own account: those of allauth that are needed, and no other.

There is no sign-up, no e-mail and no password reset: an admin invites, and gives a
new one-time address to who forgot a password.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.urls import path, re_path
from django.views.generic import RedirectView

from curation.accounts import views

factors = "2fa/"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="mfa_index"), name="account"),
    path("login/", account.login, name="account_login"),
    path("demo/", views.sign_in_to_demo, name="account_demo"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", views.change_password, name="account_change_password"),
    re_path(
        r"^set-up/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(f"{factors}", mfa.index, name="mfa_index"),
    path(f"{factors}authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path(f"{factors}again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(f"{factors}app/", views.ActivateTotp.as_view(), name="mfa_activate_totp"),
    path(f"{factors}app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(f"{factors}codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        f"{factors}codes/new/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        f"{factors}codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path(f"{factors}keys/", keys.list_webauthn, name="mfa_list_webauthn"),
    path(f"{factors}keys/add/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(f"{factors}keys/login/", keys.login_webauthn, name="mfa_login_webauthn"),
    path(
        f"{factors}keys/again/",
        keys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        f"{factors}keys/<int:pk>/remove/",
        keys.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path(f"{factors}keys/<int:pk>/", keys.edit_webauthn, name="mfa_edit_webauthn"),
]
