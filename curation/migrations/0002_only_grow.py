from django.db import migrations

from sources import append_only


class Migration(migrations.Migration):
    dependencies = [("curation", "0001_tables"), ("sources", "0002_changes")]

    operations = [
        append_only.promise(table)
        for table in append_only.TABLES
        if not table.startswith("cases_")
    ]
