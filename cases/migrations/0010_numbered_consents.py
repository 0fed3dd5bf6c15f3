"""Number the changes of what a case may be used for, and of what is cited for it."""

from django.db import migrations

from cases import contents


def forget(apps, schema_editor):
    """The index that was saved does not know what consents allow."""
    apps.get_model("cases", "SavedIndex").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_search_words")]

    operations = [
        contents.promise(
            "cases_casealias",
            "cases_casecitation",
            "cases_encountercitation",
            "cases_responsecitation",
            "cases_consent",
        ),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
