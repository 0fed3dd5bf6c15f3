"""The forms of accounts: a code, an invitation, the roles of somebody."""

from allauth.mfa.base.forms import ReauthenticateForm
from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from curation.accounts.demo import not_reserved
from curation.roles import ROLES


class CodeAgain(ReauthenticateForm):
    """A code of the authenticator. Recovery codes are for signing in only."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label=_("Code"),
        help_text=_(
            "Six digits, from your authenticator app. Have you lost it? Sign out, "
            "sign in with a recovery code, and set up a new one within five minutes."
        ),
        error_messages={"invalid": _("Six digits, from your authenticator app.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


class RolesForm(forms.Form):
    """Which roles somebody has."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=lambda: [(r.name, f"{r.name}: {r.purpose}") for r in ROLES.values()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )
    email = forms.EmailField(
        label=_("E-mail for notices"),
        required=False,
        help_text=_("Letters say that something waits at the desk, and nothing else."),
    )


class InvitationForm(RolesForm):
    """A new account: a name for it, and its roles."""

    name = forms.CharField(
        label=_("Name of the account"),
        validators=[
            *get_user_model()._meta.get_field("username").validators,
            not_reserved,
        ],
        help_text=_(
            "Colleagues see it, readers never do. It need not be a real name, "
            "and is safer if it is not."
        ),
    )
    field_order = ["name", "roles", "email"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if get_user_model().objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("There is an account of this name already."))
        return name
