"""Where every public statement comes from, and what all public records share."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import CheckConstraint, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    RevisionMixin,
)

from sources.choices import ChangeKind, CitationBasis, Seen, SourceKind
from sources.constraints import is_known, well_formed
from sources.previews import PAGES, framed
from sources.querysets import ChangeQuerySet, RecordQuerySet, SourceQuerySet
from sources.turns import take_turn
from sources.versions import record_of

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Record(
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    ClusterableModel,
):
    """What has a public address of its own, drafts, a history and a way out.

    A record is a draft until a release makes it public; Wagtail’s default is the
    opposite, and its own ways to publish are shut.
    """

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    live = models.BooleanField(_("live"), default=False, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )

    objects = RecordQuerySet.as_manager()

    # What is true of the record as a whole, and not of one version of its text.
    KEPT = ("withdrawn_at", "merged_into")
    ADDRESS = ("slug",)
    stored_address: tuple | None = None  # for who has just asked for it
    # What uses a record is asked of the tables (sources/uses.py): Wagtail keeps an
    # index of its own for that, which took a third of the time of each write.
    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True
        constraints = [
            well_formed(
                "slug", SLUG, _("Use small letters, digits and single hyphens.")
            ),
            CheckConstraint(
                name="%(class)s_withdrawn_is_not_live",
                condition=Q(withdrawn_at__isnull=True) | Q(live=False),
                violation_error_message=_("A withdrawn record cannot be public."),
            ),
            CheckConstraint(
                name="%(class)s_merged_is_not_live",
                condition=Q(merged_into__isnull=True) | Q(live=False),
                violation_error_message=_("A merged record cannot be public."),
            ),
        ]

    @classmethod
    def is_public(cls, path: str = "", at: datetime | None = None) -> Q:
        """What is public, as a condition on this kind of record along a path.

        at is the moment, now if none is given; for most kinds it makes no difference.
        """
        return Q(**{f"{path}live": True, f"{path}withdrawn_at": None})

    @property
    def key(self) -> str:
        """What files and logs call it."""
        return self.slug

    @property
    def address(self) -> tuple[str, ...]:
        """What its public address is made of, and never changes."""
        return tuple(getattr(self, name) for name in self.ADDRESS)

    @property
    def state(self):
        """How far it has come, in words."""
        if self.withdrawn_at:
            return _("withdrawn")
        if self.merged_into_id:
            return _("merged")
        if not self.live:
            return _("draft")
        return (
            _("public, with a draft") if self.has_unpublished_changes else _("public")
        )

    def natural_key(self):
        return (self.slug,)

    @classmethod
    def from_serializable_data(cls, data, check_fks=True, strict_fks=False):
        """The record that a version tells of (sources/versions.py)."""
        return record_of(cls, data)

    def with_content_json(self, content):
        record = super().with_content_json(content)
        for name in self.KEPT:
            setattr(record, name, getattr(self, name))
        # Wagtail’s own dates would delay what a release makes public at once.
        record.go_live_at = record.expire_at = None
        return record

    def save(self, **kwargs):
        """Store it when no other writes: its trigger would wait for that otherwise.

        Who holds the turn would wait for this row, and both for ever.
        """
        with transaction.atomic(savepoint=False):
            take_turn()
            super().save(**kwargs)

    def clean(self):
        """An address that was public once stays: others link to it."""
        super().clean()
        if self.pk and self.first_published_at:
            stored = type(self)._base_manager.filter(pk=self.pk)
            kept = self.stored_address or stored.values_list(*self.ADDRESS).get()
            for name, value in zip(self.ADDRESS, kept, strict=True):
                if getattr(self, name) != value:
                    text = _("It was public as “{value}”: that never changes.")
                    raise ValidationError({name: text.format(value=value)})

    def publish(self, *args, **kwargs):
        """Refused: what publishes is a release (see curation/releasing.py)."""
        raise PermissionDenied(_("Only a release makes a record public."))

    def unpublish(self, *args, **kwargs):
        """Refused: what takes away is a withdrawal (see curation/withdrawing.py)."""
        raise PermissionDenied(_("Only a withdrawal takes a record away."))

    def is_previewable(self) -> bool:
        return type(self) in PAGES

    def serve_preview(self, request, mode_name):
        """The public page of this kind, drawn from what is in the form."""
        if not self.is_previewable():
            raise Http404
        return framed(PAGES[type(self)](request, self))


class Source(Record):
    """A bibliographic record: what we cite, not a copy of it.

    It names no author: works are credited by title and publisher, and persons are
    found through the link (see kb/decisions).
    """

    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(
        _("publisher"),
        max_length=200,
        help_text=_("The responsible organisation or journal, never a person."),
    )
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, help_text=_("Empty where not stated.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=SourceKind)
    url = models.URLField(_("address"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    seen = models.CharField(
        _("how much was read"), max_length=12, choices=Seen, default=Seen.PART
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["title", "slug"]
        constraints = [
            *Record.Meta.constraints,
            is_known("kind", SourceKind),
            is_known("seen", Seen),
            CheckConstraint(
                name="source_year_is_plausible",
                condition=Q(year__isnull=True) | Q(year__range=(1900, 2100)),
                violation_error_message=_("Give the year with four digits."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("sources:detail", args=[self.slug])


class Citation(Orderable):
    """Where a statement comes from: a source, a place in it, and how we read it."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="%(class)s_set")
    locator = models.CharField(
        _("place in the source"),
        max_length=200,
        blank=True,
        help_text=_("A page, section or heading; empty for a short page."),
    )
    basis = models.CharField(_("basis"), max_length=10, choices=CitationBasis)

    class Meta(Orderable.Meta):
        abstract = True
        constraints = [is_known("basis", CitationBasis)]

    def __str__(self):
        return f"{self.source}, {self.locator}" if self.locator else str(self.source)


class Alias(Orderable):
    """Another word for a record, so that a reader who learnt that word finds it."""

    name = models.CharField(_("name"), max_length=120)
    note = models.CharField(_("who uses it"), max_length=200, blank=True)
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)s_set",
        help_text=_("Empty for everyday spellings."),
    )
    locator = models.CharField(_("place in the source"), max_length=200, blank=True)
    basis = models.CharField(_("basis"), max_length=10, choices=CitationBasis)

    class Meta(Orderable.Meta):
        abstract = True
        constraints = [is_known("basis", CitationBasis)]

    def __str__(self):
        return self.name


class Change(models.Model):
    """One dated event that the public is told of, written where it happens."""

    kind = models.CharField(_("kind of record"), max_length=20)
    record_id = models.BigIntegerField()
    what = models.CharField(_("what happened"), max_length=12, choices=ChangeKind)
    at = models.DateTimeField(_("at"), default=timezone.now)
    words = models.TextField(
        _("in words"), blank=True, help_text=_("Public: what changed, and why.")
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "record_id"], name="change_of_record")]
        constraints = [is_known("what", ChangeKind)]

    def __str__(self):
        return f"{self.get_what_display()}: {self.kind} {self.record_id}"
