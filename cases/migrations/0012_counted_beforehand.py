"""Let the saved index go: it does not know what is counted beforehand."""

from django.db import migrations


def forget(apps, schema_editor):
    """The next sweep saves one that knows."""
    apps.get_model("cases", "SavedIndex").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_waiting_entries")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
