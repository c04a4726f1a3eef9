"""The four roles of P-6, as groups. What each may see is decided in console/access.py, deny by default."""

from django.conf import settings
from django.db import migrations

ROLES = ("agent", "clinical_lead", "reviewer", "admin")


def make_roles(apps, schema_editor):
    """Creates the groups that are not there yet."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
