"""Number the changes of lessons, notes and sources, which kept pages of search name."""

from django.db import migrations

from cases import contents


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_place_and_year_of_cases"),
        ("sources", "0002_changes"),
    ]

    operations = [
        contents.promise("cases_lesson", "cases_contextnote", "sources_source"),
    ]
