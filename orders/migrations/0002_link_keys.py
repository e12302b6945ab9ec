from django.db import migrations, models


class Migration(migrations.Migration):
    """The keys of links become 16 bytes that say what a link opens; those of before said how it was written."""

    dependencies = [
        ("orders", "0001_squashed_0013"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="order", name="order_by_link"),
        migrations.RemoveField(model_name="order", name="link_key"),
        migrations.AddField(
            model_name="order",
            name="link_key",
            field=models.BinaryField(editable=False, max_length=16, null=True),
        ),
    ]
