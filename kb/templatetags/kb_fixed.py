"""What pages that are made often say in so many words: {% load i18n kb_fixed %}.

A fixed text of {% translate %}, an address of {% url %} without arguments and what
stands between {% fixed %} and {% endfixed %} are made once a language. What is fixed
knows no variables but its own. To ask each time took a third of what a page costs.
"""

from django.template import (
    Context,
    Library,
    Node,
    NodeList,
    TemplateSyntaxError,
    defaulttags,
)
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()


class Said(Node):
    """A text that is the same each time, in each language; under a name or in place."""

    def __init__(self, said: Node | NodeList, name: str | None = None):
        self.node = said
        self.name = name
        self.said: dict[tuple[str, bool], str] = {}

    def render(self, context: Context) -> str:
        key = spoken_in(context), context.autoescape
        if key not in self.said:
            alone = Context(autoescape=context.autoescape)
            alone.template = context.template  # which errors are told with
            said = self.node.render(alone)
            self.said[key] = alone[self.name] if self.name else said
        if not self.name:
            return self.said[key]
        context[self.name] = self.said[key]
        return ""


def spoken_in(context: Context) -> str:
    """The language of a template, asked once for each time that one is rendered.

    Dozens of texts stand in a page, and to ask takes longer than to fill one in.
    """
    kept = context.render_context
    language = kept.get(Said)
    if language is None:
        language = kept[Said] = get_language()
    return language


@register.tag
def fixed(parser: Parser, _token: Token) -> Node:
    """A part of a page that is the same on each, in each language."""
    nodes = parser.parse(["endfixed"])
    parser.delete_first_token()
    return Said(nodes)


@register.tag
def language(_parser: Parser, _token: Token) -> Node:
    """Refused: a template with fixed texts speaks one language."""
    raise TemplateSyntaxError("{% language %} has no place beside fixed texts")


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """A text in the language of now, with all that Django’s own tag offers."""
    node = i18n.do_translate(parser, token)
    text = node.filter_expression
    is_fixed = text.var.literal is not None and not text.filters
    is_fixed = is_fixed and not node.message_context
    return Said(node, node.asvar) if is_fixed else node


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """An address, with all that Django’s own tag offers."""
    node = defaulttags.url(parser, token)
    name = node.view_name
    is_fixed = isinstance(name.var, str) and not name.filters
    is_fixed = is_fixed and not (node.args or node.kwargs)
    return Said(node, node.asvar) if is_fixed else node
