"""What the roles of hubs made before this version were given, so that an upgrade gives them the rest and no more."""

from django.db import migrations, models

VIEWER = {
    *(f"orders.view_{thing}" for thing in ("order", "refill", "cancellation", "productorder", "massorder")),
    *(f"providers.view_{thing}" for thing in ("provider", "service", "product")),
}
STAFF = VIEWER | {
    *(f"orders.add_{thing}" for thing in ("order", "massorder", "productorder", "apitoken")),
    *("orders.change_massorder", "orders.change_order", "orders.aftercare_order", "orders.view_cost"),
}
MANAGER = STAFF | {
    *(f"orders.{verb}_order" for verb in ("settle", "approve", "adopt", "export", "raw")),
    *(f"orders.{verb}_ledgerentry" for verb in ("view", "add", "change", "delete")),
    *(f"orders.{verb}_{thing}" for verb in ("view", "add", "change") for thing in ("openservice", "markup")),
    *("orders.view_goods", "providers.run_jobs", "providers.accept_catalogue"),
}
ADMINISTRATOR = MANAGER | {
    *(f"providers.{verb}_provider" for verb in ("add", "change", "delete")),
    *(f"orders.{verb}_apitoken" for verb in ("view", "change")),
    *(f"orders.{verb}_person" for verb in ("view", "add", "change", "delete")),
    *(f"orders.{verb}_hubrules" for verb in ("view", "add", "change")),
    *(f"orders.{verb}_exchangerate" for verb in ("view", "add", "change", "delete")),
    *(f"auth.{verb}_user" for verb in ("view", "add", "change")),
    *(f"panelhub.{verb}_secondfactorrule" for verb in ("view", "add", "delete")),
    *("auth.view_group", "panelhub.view_auditevent", "panelhub.view_jobrun"),
}
ROLES = {"viewer": VIEWER, "staff": STAFF, "manager": MANAGER, "administrator": ADMINISTRATOR}


def remember(apps, schema_editor):
    there = set(apps.get_model("auth", "Group").objects.filter(name__in=ROLES).values_list("name", flat=True))
    memory = apps.get_model("orders", "RoleMemory")
    memory.objects.bulk_create(memory(role=name, granted=sorted(ROLES[name])) for name in sorted(there))


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_notices"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            name="RoleMemory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=150, unique=True, verbose_name="role")),
                ("granted", models.JSONField(default=list)),
            ],
            options={
                "verbose_name": "memory of a role",
                "verbose_name_plural": "memories of roles",
                "ordering": ["role"],
                "default_permissions": (),
            },
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
