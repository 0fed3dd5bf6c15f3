from django.core.management import call_command
from django.db import migrations


def make(apps, schema_editor):
    """Failed attempts to sign in are counted there, for all processes together."""
    alias = schema_editor.connection.alias
    call_command("createcachetable", database=alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("curation", "0003_roles")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
