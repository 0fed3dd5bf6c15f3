"""Let search note what a record holds now, and tell its sets of it later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_numbered_consents")]

    operations = [
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("numbers", models.BinaryField()),
                ("told", models.BinaryField()),
                ("tokens", models.BinaryField()),
            ],
        ),
    ]
