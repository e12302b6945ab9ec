from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_quality")]

    operations = [
        migrations.AddField(
            model_name="servicequality",
            name="sureness",
            field=models.FloatField(
                db_default=0.0,
                default=0.0,
                help_text="The share completed that is to be expected at least, from as many orders as there were.",
            ),
        ),
        migrations.AddField(
            model_name="exchangerate",
            name="is_fetched",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="fetched by the hub"
            ),
        ),
    ]
