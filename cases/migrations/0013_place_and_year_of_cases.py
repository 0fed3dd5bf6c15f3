"""Find cases of one place and year: a release asks who else met the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_counted_beforehand")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["country", "period_from"], name="case_of_place_and_year"
            ),
        ),
    ]
