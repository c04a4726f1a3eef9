"""Who may speak, kept by the database itself: no code path can make the assistant talk over a person (S-20)."""

from django.db import migrations

SAFETY_KINDS = "('emergency', 'crisis', 'urgent', 'safeguarding')"

SQLITE = [
    f"""
    CREATE TRIGGER assistant_may_speak BEFORE INSERT ON conversations_message
    WHEN NEW.author = 'assistant' AND NEW.kind NOT IN {SAFETY_KINDS}
    AND (SELECT status FROM conversations_conversation WHERE id = NEW.conversation_id) IN ('with_staff', 'closed')
    BEGIN SELECT RAISE(ABORT, 'the assistant may not speak in this conversation'); END
    """,
    """
    CREATE TRIGGER conversation_moves BEFORE UPDATE OF status, owner_id ON conversations_conversation
    WHEN (OLD.status = 'closed' AND NEW.status NOT IN ('closed', 'assistant'))
    OR (OLD.owner_id IS NOT NULL AND NEW.owner_id IS NOT NULL AND OLD.owner_id <> NEW.owner_id)
    BEGIN SELECT RAISE(ABORT, 'this move of a conversation is not allowed'); END
    """,
]
SQLITE_REVERSE = ["DROP TRIGGER assistant_may_speak", "DROP TRIGGER conversation_moves"]

POSTGRESQL = [
    f"""
    CREATE FUNCTION assistant_may_speak() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.author = 'assistant' AND NEW.kind NOT IN {SAFETY_KINDS} AND (
        SELECT status FROM conversations_conversation WHERE id = NEW.conversation_id FOR SHARE
      ) IN ('with_staff', 'closed') THEN
        RAISE EXCEPTION 'the assistant may not speak in this conversation' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER assistant_may_speak BEFORE INSERT ON conversations_message
    FOR EACH ROW EXECUTE FUNCTION assistant_may_speak()
    """,
    """
    CREATE FUNCTION conversation_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (OLD.status = 'closed' AND NEW.status NOT IN ('closed', 'assistant'))
      OR (OLD.owner_id IS NOT NULL AND NEW.owner_id IS NOT NULL AND OLD.owner_id <> NEW.owner_id) THEN
        RAISE EXCEPTION 'this move of a conversation is not allowed' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER conversation_moves BEFORE UPDATE OF status, owner_id ON conversations_conversation
    FOR EACH ROW EXECUTE FUNCTION conversation_moves()
    """,
]
POSTGRESQL_REVERSE = [
    "DROP TRIGGER assistant_may_speak ON conversations_message",
    "DROP FUNCTION assistant_may_speak()",
    "DROP TRIGGER conversation_moves ON conversations_conversation",
    "DROP FUNCTION conversation_moves()",
]


def _run(schema_editor, by_vendor):
    for statement in by_vendor[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def make(apps, schema_editor):
    """Creates the triggers."""
    _run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def drop(apps, schema_editor):
    """Drops them."""
    _run(schema_editor, {"sqlite": SQLITE_REVERSE, "postgresql": POSTGRESQL_REVERSE})


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
