"""Templates say the same as with Django’s own tags, in each language."""

from itertools import product

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.urls import NoReverseMatch
from django.utils.translation import override

TEXTS = [
    "{% translate 'Yes' %}",
    "{% trans 'Yes' %}, {% translate 'No' as no %}{{ no }}",
    "{% translate word %}",
    "{% translate 'Yes'|upper %}",
    "{% translate 'May' context 'abbrev. month' %}",
    "{% translate '<' %}{% autoescape off %}{% translate '<' %}{% endautoescape %}",
    "{% translate 'Yes' noop %}",
    "{% url 'cases:list' %} {% url 'cases:list' as list %}{{ list }}",
    "{% url 'citing:list' ending='bib' %} {% url place %}",
    "{% translate '<' as x %}{{ x }}{% autoescape off %}{{ x }}{% endautoescape %}",
    "{% url 'cases'|add:':list' %}",
    "{% url 'no:such' as address %}[{{ address }}]",
]


ENGINE = Engine(
    libraries={
        "i18n": "django.templatetags.i18n",
        "kb_fixed": "kb.templatetags.kb_fixed",
    }
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_template_says_what_it_says_with_the_tags_of_django(text):
    told = [
        ENGINE.from_string(load + text)
        for load in ("{% load i18n kb_fixed %}", "{% load i18n %}")
    ]
    for language, word in product(("en", "es", "ar", "es"), ("Yes", "No")):
        with override(language):
            mine, its = (
                t.render(Context({"word": word, "place": "cases:matrix"})) for t in told
            )
        assert mine == its


def test_what_is_fixed_is_said_in_the_language_of_now():
    template = ENGINE.from_string("{% load i18n kb_fixed %}{% translate 'Yes' %}")
    said = []
    for language in ("en", "es", "en"):
        with override(language):
            said.append(template.render(Context()))
    assert said == ["Yes", "Sí", "Yes"]


def test_a_fixed_part_is_made_once_a_language_and_knows_no_variables():
    text = "{% fixed %}{% translate 'Yes' as yes %}<b>{{ yes }}</b>{% endfixed %}"
    template = ENGINE.from_string("{% load i18n kb_fixed %}" + text + "{{ yes }}")
    for language, yes in [("en", "Yes"), ("es", "Sí"), ("en", "Yes")]:
        with override(language):
            assert template.render(Context({"yes": "?"})) == f"<b>{yes}</b>?"
    lost = ENGINE.from_string("{% load kb_fixed %}{% fixed %}{{ who }}{% endfixed %}")
    assert lost.render(Context({"who": "somebody"})) == ""


def test_an_error_in_a_fixed_part_is_told_as_it_is():
    wrong = "{% load kb_fixed %}{% fixed %}{% url 'no:such' %}{% endfixed %}"
    with pytest.raises(NoReverseMatch):
        ENGINE.from_string(wrong).render(Context())


def test_a_template_with_fixed_texts_speaks_one_language():
    text = "{% load i18n kb_fixed %}{% language 'es' %}{% endlanguage %}"
    with pytest.raises(TemplateSyntaxError):
        ENGINE.from_string(text)
