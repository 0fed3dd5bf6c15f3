"""What pages that are made often say in so many words: {% load i18n kb_fixed %}.

A fixed text of {% translate %} is asked for once a language, an address of {% url %}
without arguments once. To ask each time took a third of what a page costs.
"""

from django.template import Context, Library, Node, defaulttags
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()


class Said(Node):
    """A text that is the same each time, in each language."""

    def __init__(self, node: i18n.TranslateNode):
        self.node = node
        self.said: dict[tuple[str, bool], str] = {}

    def render(self, context: Context) -> str:
        key = get_language(), context.autoescape
        if key not in self.said:
            self.said[key] = self.node.render(context)
        return self.said[key]


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """A text in the language of now, with all that Django’s own tag offers."""
    node = i18n.do_translate(parser, token)
    text = node.filter_expression
    is_fixed = text.var.literal is not None and not text.filters
    if is_fixed and not node.asvar and not node.message_context:
        return Said(node)
    return node


class Place(Node):
    """An address that is the same each time."""

    def __init__(self, node: defaulttags.URLNode):
        self.node = node
        self.address = ""

    def render(self, context: Context) -> str:
        self.address = self.address or self.node.render(context)
        return self.address


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """An address, with all that Django’s own tag offers."""
    node = defaulttags.url(parser, token)
    name = node.view_name
    is_fixed = isinstance(name.var, str) and not name.filters
    if is_fixed and not (node.args or node.kwargs or node.asvar):
        return Place(node)
    return node
