"""The questions we ask of strategies."""

from typing import Self

from django.db.models import Prefetch

from sources.querysets import RecordQuerySet


class FamilyQuerySet(RecordQuerySet):
    def with_strategies(self) -> Self:
        """Families with the published strategies under each, in order."""
        strategies = self.model._meta.get_field("strategies").related_model
        return self.prefetch_related(
            Prefetch("strategies", strategies.objects.published(), "published_ones")
        )


class StrategyQuerySet(RecordQuerySet):
    def for_display(self) -> Self:
        """Load all that a strategy’s page shows."""
        return self.select_related("family", "replaced_by").prefetch_related(
            "aliases__source", "citations__source"
        )
