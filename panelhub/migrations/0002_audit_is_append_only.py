"""On PostgreSQL, the database itself refuses to change or remove audit events."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION panelhub_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit record is only ever added to.';
END
$$;
CREATE TRIGGER panelhub_audit_append_only BEFORE UPDATE OR DELETE ON panelhub_auditevent
FOR EACH ROW EXECUTE FUNCTION panelhub_refuse_audit_change();
"""
ALLOW = """
DROP TRIGGER panelhub_audit_append_only ON panelhub_auditevent;
DROP FUNCTION panelhub_refuse_audit_change();
"""


def run_on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("panelhub", "0001_initial")]
    operations = [migrations.RunPython(run_on_postgresql(REFUSE), run_on_postgresql(ALLOW))]
