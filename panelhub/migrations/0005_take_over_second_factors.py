"""Second factors that were kept in plain text by the apps used until now are encrypted, and those tables are gone."""

import json
from collections import defaultdict

from django.db import migrations

OLD_TABLES = ("otp_static_statictoken", "otp_static_staticdevice", "otp_totp_totpdevice")


def take_over(apps, schema_editor):
    connection = schema_editor.connection
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if "otp_totp_totpdevice" in there:
            authenticator = apps.get_model("panelhub", "Authenticator")
            cursor.execute("SELECT user_id, key, last_t FROM otp_totp_totpdevice WHERE confirmed")
            for user_id, key, last_t in cursor.fetchall():
                authenticator(user_id=user_id, name="app", key=key, last_step=last_t).save()
        if "otp_static_statictoken" in there:
            recovery, left = apps.get_model("panelhub", "RecoveryCodes"), defaultdict(list)
            cursor.execute(
                "SELECT device.user_id, token.token FROM otp_static_statictoken token "
                "JOIN otp_static_staticdevice device ON device.id = token.device_id"
            )
            for user_id, token in cursor.fetchall():
                left[user_id].append(token)
            for user_id, codes in left.items():
                recovery(user_id=user_id, name="recovery codes", codes=json.dumps(codes)).save()
        for table in OLD_TABLES:
            if table in there:
                cursor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("panelhub", "0004_encrypted_second_factors")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
