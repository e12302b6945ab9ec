"""Clients as records: what is ordered refers to one; who saw all orders goes on seeing them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0033_plain_states'),
        ('providers', '0015_hub_rates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('key', models.CharField(db_index=True, editable=False, max_length=200)),
                ('notes', models.TextField(blank=True, default='', verbose_name='notes')),
                ('markup', models.DecimalField(decimal_places=2, default=0, help_text='Added to the charge of orders placed from now on.', max_digits=7, verbose_name='default markup, percent')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('anonymised_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('is_stale', models.BooleanField(db_default=False, default=False, editable=False)),
            ],
            options={
                'verbose_name': 'client',
                'verbose_name_plural': 'clients',
                'ordering': ['name'],
                'permissions': [('anonymise_client', 'Can anonymise clients')],
                'default_permissions': ('view', 'add', 'change'),
            },
        ),
        migrations.AddField(
            model_name='order',
            name='markup',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name='markup, percent'),
        ),
        migrations.AddField(
            model_name='person',
            name='all_clients',
            field=models.BooleanField(db_default=True, default=True, help_text='Sees the orders of every client, and those without a client.', verbose_name='all clients'),
        ),
        migrations.AddField(
            model_name='productorder',
            name='markup',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name='markup, percent'),
        ),
        migrations.AlterField(
            model_name='massorder',
            name='client_label',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='client'),
        ),
        migrations.AddField(
            model_name='client',
            name='manager',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clients', to=settings.AUTH_USER_MODEL, verbose_name='account manager'),
        ),
        migrations.AddField(
            model_name='chain',
            name='client',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.client'),
        ),
        migrations.AddField(
            model_name='massorder',
            name='client',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.client'),
        ),
        migrations.AddField(
            model_name='order',
            name='client',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.client'),
        ),
        migrations.AddField(
            model_name='person',
            name='clients',
            field=models.ManyToManyField(blank=True, help_text='Unless “all clients” is on, only orders of selected clients are visible.', related_name='people', to='orders.client'),
        ),
        migrations.AddField(
            model_name='productorder',
            name='client',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.client'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='client',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.client'),
        ),
        migrations.AddIndex(
            model_name='massorder',
            index=models.Index(condition=models.Q(('client__isnull', False)), fields=['client'], name='mass_order_of_client'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('is_stale', True)), fields=['id'], name='client_stale'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='client_name_not_blank'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('markup__gte', -100)), name='client_markup_not_below_all'),
        ),
    ]
