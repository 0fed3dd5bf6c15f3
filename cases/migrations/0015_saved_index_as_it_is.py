"""Let PostgreSQL store the saved index as it is: to press it together took it longest."""

from django.db import migrations

STORED = "ALTER TABLE cases_savedindex ALTER COLUMN data SET STORAGE"


def stored(how):
    def forward(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"{STORED} {how}")

    return forward


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_numbered_texts")]

    operations = [migrations.RunPython(stored("EXTERNAL"), stored("EXTENDED"))]
