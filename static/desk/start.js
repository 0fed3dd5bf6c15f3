/* Starts what Wagtail starts with inline scripts, which the desk’s policy forbids:
   panels of nested rows, and choosers. Works for rows that are added later too. */

const { Controller } = window.StimulusModule;

window.wagtail.app.register(
  "kb-inline-panel",
  class extends Controller {
    static values = { options: Object };

    connect() {
      if (this.element.dataset.started) return;
      this.element.dataset.started = "yes";
      new window.InlinePanel(this.optionsValue);
    }
  },
);

window.wagtail.app.register(
  "kb-chooser",
  class extends Controller {
    static values = { id: String, options: Object };

    connect() {
      if (this.element.dataset.started) return;
      this.element.dataset.started = "yes";
      new window.SnippetChooser(this.idValue, this.optionsValue);
    }
  },
);
