"""The kinds of records there are, as addresses and logs spell them."""

from cases.search import KINDS as SEARCHED
from sources.models import Record

KINDS: dict[str, type[Record]] = {
    model._meta.model_name: model for model in SEARCHED.values()
}
