"""People at the desk: who they are, what they may do, and whether they may come in."""

from allauth.account.utils import user_display
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from curation.accounts import people
from curation.accounts.again import second_factor_again
from curation.accounts.forms import InvitationForm, RolesForm
from curation.accounts.invitations import invite, set_up_path
from curation.roles import ADMINS, only

ACTS = {
    "disable": people.disable,
    "enable": people.enable,
    "reset": people.reset_factor,
    "invite": people.invite_again,
}
# After these the person has no password and needs an address to set one.
WITH_ADDRESS = frozenset({"enable", "reset", "invite"})


@require_safe
@only(ADMINS)
@second_factor_again
def people_list(request: HttpRequest) -> HttpResponse:
    """All accounts."""
    return render(request, "curation/people.html", {"people": people.listed()})


@only(ADMINS)
@second_factor_again
def new_person(request: HttpRequest) -> HttpResponse:
    """Invite somebody, and show the one-time address this once."""
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        chosen = form.cleaned_data
        user = invite(chosen["name"], groups=chosen["roles"], by=request.user)
        people.set_email(user, chosen["email"])
        return show_address(request, user)
    return render(request, "curation/invite.html", {"form": form})


@only(ADMINS)
@second_factor_again
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, and all that an admin can do to it."""
    user = get_object_or_404(get_user_model(), pk=pk)
    if request.method == "POST":
        return act(request, user)
    return show_person(request, user)


def act(request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
    """Do what the button says, and say what became of it."""
    name = request.POST.get("act")
    try:
        if name == "roles":
            form = RolesForm(request.POST)
            if not form.is_valid():
                return show_person(request, user, form)
            people.set_roles(user, form.cleaned_data["roles"], by=request.user)
            people.set_email(user, form.cleaned_data["email"])
        elif name in ACTS:
            ACTS[name](user, by=request.user)
        else:
            raise Http404
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("curation:person", pk=user.pk)
    if name in WITH_ADDRESS:
        return show_address(request, user)
    messages.success(request, _("Done: {name}.").format(name=user_display(user)))
    return redirect("curation:people")


def show_person(
    request: HttpRequest, user: AbstractBaseUser, form: RolesForm | None = None
) -> HttpResponse:
    shown = get_object_or_404(people.listed(), pk=user.pk)
    roles = [group.name for group in shown.groups.all()]
    form = form or RolesForm(initial={"roles": roles, "email": shown.email})
    return render(request, "curation/person.html", {"person": shown, "form": form})


def show_address(request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
    address = request.build_absolute_uri(set_up_path(user))
    context = {"person": user, "address": address}
    return render(request, "curation/address.html", context)
