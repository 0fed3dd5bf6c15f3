"""Give SearchEntry the full-text index of the database it is in.

Both hold the tokens that cases/words.py made, neither splits or stems them again, and
both follow the table by themselves.
"""

from django.db import migrations

CREATE = {
    "sqlite": [
        """
        CREATE VIRTUAL TABLE cases_searchindex USING fts5(
            tokens, content='cases_searchentry', content_rowid='id',
            tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
        )
        """,
        """
        CREATE TRIGGER cases_searchentry_added AFTER INSERT ON cases_searchentry BEGIN
            INSERT INTO cases_searchindex (rowid, tokens) VALUES (new.id, new.tokens);
        END
        """,
        """
        CREATE TRIGGER cases_searchentry_gone AFTER DELETE ON cases_searchentry BEGIN
            INSERT INTO cases_searchindex (cases_searchindex, rowid, tokens)
            VALUES ('delete', old.id, old.tokens);
        END
        """,
        """
        CREATE TRIGGER cases_searchentry_changed AFTER UPDATE ON cases_searchentry BEGIN
            INSERT INTO cases_searchindex (cases_searchindex, rowid, tokens)
            VALUES ('delete', old.id, old.tokens);
            INSERT INTO cases_searchindex (rowid, tokens) VALUES (new.id, new.tokens);
        END
        """,
    ],
    "postgresql": [
        """
        CREATE INDEX cases_searchindex ON cases_searchentry
        USING gin (array_to_tsvector(string_to_array(tokens, ' ')))
        """,
    ],
}
DROP = {
    "sqlite": [
        "DROP TRIGGER cases_searchentry_changed",
        "DROP TRIGGER cases_searchentry_gone",
        "DROP TRIGGER cases_searchentry_added",
        "DROP TABLE cases_searchindex",
    ],
    "postgresql": ["DROP INDEX cases_searchindex"],
}


def run(statements):
    def forward(apps, schema_editor):
        for sql in statements[schema_editor.connection.vendor]:
            schema_editor.execute(sql)

    return forward


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_promises")]

    operations = [migrations.RunPython(run(CREATE), run(DROP))]
