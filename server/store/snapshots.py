"""Snapshots in SQL: the last one of each session, replaced as a whole."""

from sqlalchemy import Connection, bindparam, insert, select, update

from server.store import tables
from server.store.contract import Snapshot

_c = tables.snapshots.c
_READ = select(_c.session_id, _c.size, _c.root, _c.form, _c.body).where(_c.session_id == bindparam("session"))
_REPLACE = (
    update(tables.snapshots)
    .where(_c.session_id == bindparam("session"))
    .values(
        size=bindparam("to_size"),
        root=bindparam("to_root"),
        form=bindparam("to_form"),
        body=bindparam("to_body"),
    )
)
_INSERT = insert(tables.snapshots)


def put(connection: Connection, snapshot: Snapshot) -> None:
    """Keep a snapshot in place of the session's last one."""
    replaced = connection.execute(
        _REPLACE,
        {
            "session": snapshot.session,
            "to_size": snapshot.size,
            "to_root": snapshot.root,
            "to_form": snapshot.form,
            "to_body": snapshot.body,
        },
    )
    if replaced.rowcount == 0:
        connection.execute(
            _INSERT,
            {
                "session_id": snapshot.session,
                "size": snapshot.size,
                "root": snapshot.root,
                "form": snapshot.form,
                "body": snapshot.body,
            },
        )


def read(connection: Connection, session: str) -> Snapshot | None:
    """A session's last snapshot, or None."""
    found = connection.execute(_READ, {"session": session}).first()
    if found is None:
        return None
    name, size, root, form, body = found
    return Snapshot(name, size, bytes(root), form, bytes(body))
