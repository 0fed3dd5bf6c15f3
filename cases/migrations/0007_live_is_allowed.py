from django.db import migrations, models

from sources import append_only


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_hide_the_unassessed")]

    operations = [
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('live', False), models.Q(('visible_from__isnull', False), ('visible_until__isnull', False)), _connector='OR'), name='case_live_is_allowed', violation_error_message='Nothing allows this case to be public.'),
        ),
        append_only.promise("cases_consent"),
        append_only.promise("cases_riskassessment"),
    ]
