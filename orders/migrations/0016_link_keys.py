from django.db import migrations, models


class Migration(migrations.Migration):
    """Keys of links become 16 bytes that say what a link opens; those of before said how it was written.

    The old column stays in the table, with a default, for the version before, which goes on writing to it until it
    is stopped. A later version drops it.
    """

    dependencies = [
        ("orders", "0015_polling_without_legs"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="order", name="order_by_link"),
        migrations.AlterField(
            model_name="order",
            name="link_key",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="order", name="link_key")],
        ),
        migrations.AddField(
            model_name="order",
            name="target_key",
            field=models.BinaryField(editable=False, max_length=16, null=True),
        ),
    ]
