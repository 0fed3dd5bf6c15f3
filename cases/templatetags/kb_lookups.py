"""Small questions that templates ask."""

from django import template
from django.utils.functional import Promise
from django.utils.text import capfirst

from sources.models import Record

register = template.Library()


@register.filter
def at(mapping: dict, key):
    """The value of a mapping at a key; empty text (and 0) where there is none."""
    return mapping.get(key, "")


@register.filter
def number_at(mapping: dict, key) -> int:
    """The number that a mapping has for a key."""
    return mapping.get(key, 0)


@register.filter
def model_of(record: Record) -> str:
    """What addresses of the desk call this kind of record."""
    return record._meta.model_name


@register.filter
def kind_of(record: Record) -> str | Promise:
    """What kind of record this is, in words."""
    return capfirst(record._meta.verbose_name)
