from django.apps import apps as all_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from wagtail.snippets.models import create_extra_permissions

from curation.roles import make_groups


def make(apps, schema_editor):
    """The permissions are made now: Django makes them only when all is migrated."""
    for label in ("wagtailadmin", "cases", "strategies", "sources"):
        config = all_apps.get_app_config(label)
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    # Those to lock and unlock.
    snippets = all_apps.get_app_config("wagtailsnippets")
    create_extra_permissions(snippets, using=schema_editor.connection.alias)
    # Wagtail’s own two, which may do more than any of ours needs.
    groups = apps.get_model("auth", "Group").objects
    groups.filter(name__in=["Moderators", "Editors"]).delete()
    make_groups(
        apps.get_model("auth", "Group").objects,
        apps.get_model("auth", "Permission").objects,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0002_only_grow"),
        ("cases", "0007_live_is_allowed"),
        ("strategies", "0002_merging"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
