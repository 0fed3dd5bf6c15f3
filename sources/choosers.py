"""Choosing a record on the desk, without an inline script."""

import json

from django.utils.html import format_html
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.widgets import AdminSnippetChooser


class RecordChooser(AdminSnippetChooser):
    """Wagtail’s chooser, started by static/desk/start.js."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = self.get_value_data(value)
        return format_html(
            '{}<div data-controller="kb-chooser" data-kb-chooser-id-value="{}"'
            ' data-kb-chooser-options-value="{}" hidden></div>',
            self.render_html(name, chosen, attrs),
            attrs["id"],
            json.dumps(self.get_js_init_options(attrs["id"], name, chosen)),
        )


class RecordChooserViewSet(SnippetChooserViewSet):
    base_widget_class = RecordChooser
