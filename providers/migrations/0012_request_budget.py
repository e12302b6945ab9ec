"""BudgetLane is RequestBudget now; its table stays, for code of the version before goes on using it."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("providers", "0011_platforms_in_one_order")]

    operations: ClassVar = [
        migrations.AlterModelTable("budgetlane", "providers_budgetlane"),
        migrations.RenameModel("BudgetLane", "RequestBudget"),
        migrations.AlterField(
            "requestbudget",
            "provider",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="request_budget",
                serialize=False,
                to="providers.provider",
            ),
        ),
    ]
