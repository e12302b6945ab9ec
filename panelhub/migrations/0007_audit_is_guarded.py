"""On PostgreSQL, the audit record cannot be truncated either; old events leave by the retention function alone."""

from django.db import migrations

GUARD = r"""
CREATE OR REPLACE FUNCTION panelhub_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('panelhub.audit_retention', true);
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        -- A test database is emptied after each test.
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' AND before <> '' THEN
        IF OLD.at < before::timestamptz AND OLD.at < now() - interval '365 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'The audit record is only ever added to.';
END
$$;
CREATE TRIGGER panelhub_audit_no_truncate BEFORE TRUNCATE ON panelhub_auditevent
FOR EACH STATEMENT EXECUTE FUNCTION panelhub_refuse_audit_change();
"""
RELEASE = """
DROP TRIGGER panelhub_audit_no_truncate ON panelhub_auditevent;
CREATE OR REPLACE FUNCTION panelhub_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit record is only ever added to.';
END
$$;
"""


def run_on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, None)

    return run


class Migration(migrations.Migration):
    dependencies = [("panelhub", "0006_handed_passwords")]
    operations = [migrations.RunPython(run_on_postgresql(GUARD), run_on_postgresql(RELEASE))]
