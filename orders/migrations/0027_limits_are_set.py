"""Who could spend without a limit so far is marked so: from here on, a new person orders once their limit is set."""

from django.db import migrations, models


def mark_unlimited(apps, schema_editor):
    """Mark everybody who has no limit of the day, so that they order as before."""
    apps.get_model("orders", "Person").objects.filter(daily_limit__isnull=True).update(no_limit=True)


class Migration(migrations.Migration):
    dependencies = [("orders", "0026_refill_search")]
    operations = [
        migrations.AddField(
            model_name="person",
            name="no_limit",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="May spend any amount. An amount entered above counts instead.",
                verbose_name="no spending limit",
            ),
        ),
        migrations.RunPython(mark_unlimited, migrations.RunPython.noop),
    ]
