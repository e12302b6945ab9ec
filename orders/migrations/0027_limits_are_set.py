"""Who could spend without a limit so far is marked so: from here on, a new person orders once their limit is set."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0026_refill_search")]
    operations = [
        migrations.AddField(
            model_name="person",
            name="no_limit",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="May spend any amount. An amount entered above counts instead.",
                verbose_name="no spending limit",
            ),
        ),
    ]
