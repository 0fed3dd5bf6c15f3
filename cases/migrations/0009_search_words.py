"""Let search keep which records hold which words in a table of its own.

The full-text index of either database goes. Entries get the keys that tell their kind:
those there are go too, and the next sweep, which comes before anything is served,
writes them anew.
"""

from importlib import import_module

from django.db import migrations, models

before = import_module("cases.migrations.0004_search_index")


def empty(apps, schema_editor):
    apps.get_model("cases", "SearchEntry").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_numbered_changes")]

    operations = [
        migrations.RunPython(before.run(before.DROP), before.run(before.CREATE)),
        migrations.RunPython(empty, migrations.RunPython.noop),
        migrations.RemoveField("searchentry", "tokens"),
        migrations.AlterField("searchentry", "id", models.BigIntegerField(primary_key=True, serialize=False)),
        migrations.AddField("searchentry", "language", models.CharField(default="en", max_length=2)),
        migrations.AddField("searchentry", "names", models.TextField(default="")),
        migrations.AddField("searchentry", "sequence", models.TextField(default="")),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("pk", models.CompositePrimaryKey("token", "part", blank=True, editable=False, primary_key=True, serialize=False)),
                ("token", models.BinaryField()),
                ("part", models.IntegerField()),
                ("numbers", models.BinaryField()),
            ],
        ),
        # On the way back too: the old columns take no rows that lack them.
        migrations.RunPython(migrations.RunPython.noop, empty),
    ]
