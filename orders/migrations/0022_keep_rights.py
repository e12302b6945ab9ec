"""Rights that came from empty lists become flags: everybody, and every token, keeps exactly what they had."""

from django.db import migrations, models


def keep_rights(apps, schema_editor):
    """Whoever saw everything because nothing was chosen sees everything by the flag; makers of tokens are looked up."""
    Person = apps.get_model("orders", "Person")
    ApiToken = apps.get_model("orders", "ApiToken")
    User = apps.get_model("auth", "User")
    AuditEvent = apps.get_model("panelhub", "AuditEvent")
    Person.objects.filter(providers__isnull=True).update(all_providers=True)
    without = User.objects.filter(person__isnull=True).order_by("pk")
    Person.objects.bulk_create([Person(user=user, all_providers=True) for user in without.iterator()], batch_size=500)
    ApiToken.objects.filter(services__isnull=True).update(all_services=True)
    ApiToken.objects.update(made_by=models.F("person"))
    people = set(User.objects.values_list("pk", flat=True))
    made = AuditEvent.objects.filter(action="apitoken.made", target_type="orders.apitoken")
    for token, actor in made.exclude(actor_id=None).values_list("target_id", "actor_id"):
        if token.isdecimal() and actor in people:
            ApiToken.objects.filter(pk=int(token)).update(made_by=actor)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0021_explicit_rights"),
        ("panelhub", "0001_squashed_0005"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(keep_rights, migrations.RunPython.noop)]
