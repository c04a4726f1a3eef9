"""The four roles of staff. Who is in none of them may do nothing."""

from typing import Any

from django.db import migrations

ROLES = ("agent", "clinical_lead", "reviewer", "admin")


def create_roles(apps: Any, schema_editor: Any) -> None:
    """Makes the groups that are not there yet."""
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
