"""Bundles, and which lines of a mass order belong to one."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0039_chains_seen'),
        ('providers', '0015_hub_rates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='massline',
            name='part_of',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Bundle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('key', models.CharField(editable=False, max_length=200, unique=True)),
                ('note', models.TextField(blank=True, default='', verbose_name='note')),
                ('is_active', models.BooleanField(default=True, verbose_name='can be ordered')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'bundle',
                'verbose_name_plural': 'bundles',
                'ordering': ['name'],
                'default_permissions': ('view', 'add', 'change'),
            },
        ),
        migrations.CreateModel(
            name='BundlePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('quantity', models.BigIntegerField(blank=True, null=True, verbose_name='quantity')),
                ('share', models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name='share, percent')),
                ('bundle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='orders.bundle')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bundle_parts', to='providers.service')),
            ],
            options={
                'verbose_name': 'part of a bundle',
                'verbose_name_plural': 'parts of bundles',
                'ordering': ['bundle', 'position'],
            },
        ),
        migrations.AddConstraint(
            model_name='bundle',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='bundle_has_name'),
        ),
        migrations.AddConstraint(
            model_name='bundlepart',
            constraint=models.UniqueConstraint(fields=('bundle', 'position'), name='bundle_position_once'),
        ),
        migrations.AddConstraint(
            model_name='bundlepart',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quantity__gte', 1), ('share__isnull', True)), models.Q(('quantity__isnull', True), ('share__gt', 0)), _connector='OR'), name='bundle_part_has_one_amount'),
        ),
    ]
