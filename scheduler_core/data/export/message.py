"""What is told of a release: one message, the same to the byte each time, known by the approval's id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler_core.data.store import Store


@dataclass(frozen=True)
class Message:
    """A release as it goes out. ``body``: canonical JSON of ``content``; ``sha256``: its hash."""

    approval_id: str
    content: Mapping[str, object]
    body: bytes
    sha256: str


class NotDelivered(Exception):
    """An attempt that was not acknowledged; the text says why, and holds neither address nor password."""


class Receiver(Protocol):
    """Something that takes messages; the same one again must change nothing."""

    def deliver(self, message: Message) -> str:
        """Hand over and return what the receiver says. Raises NotDelivered if it may not have arrived."""
        ...


def message_of(store: Store, release_id: str) -> Message:
    """The message of a release. Times of operations are plant time, ``approved_at`` is UTC. Raises NotFound.

    ``start_offset``, ``end_offset`` and ``due_offset``, only where the plant's clock shows the time twice: its offset from
    UTC.
    ``epoch``, only in a store that has gone on from an older backup: in which epoch the release was made.
    ``acknowledged``, only where orders left the plan with this release: why, by order.
    """
    release = store.releases.get(release_id)
    info = store.snapshots.get(release.snapshot_id)
    operations = [
        {
            "machine": row.machine, "machine_name": row.machine_name, "position": row.position, "job": row.job,
            "sequence": row.sequence, "process": row.process, "product": row.product, "quantity": row.quantity,
            "setup_minutes": row.setup_minutes,
            **_time("start", row.start), **_time("end", row.end), **_time("due", row.due),
        }
        for row in store.releases.dispatch_rows(release_id)
    ]  # fmt: skip
    content: dict[str, object] = {
        "approval_id": release.id, "plant": release.plant, "release_no": release.number, "schedule_id": release.schedule_id,
        "content_sha256": release.content_sha256, "approver": release.approver, "comment": release.comment,
        "override_reason": release.override_reason, "approved_at": f"{release.approved_at:%Y-%m-%d %H:%M:%S.%f}",
        "timezone": info.timezone, "operations": operations,
    }  # fmt: skip
    if release.epoch:
        content["epoch"] = release.epoch
    if acknowledged := store.releases.acknowledged(release_id):
        content["acknowledged"] = dict(acknowledged)
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    return Message(release.id, content, body, hashlib.sha256(body).hexdigest())


def _time(name: str, moment: datetime | None) -> dict[str, str | None]:
    if moment is None:
        return {name: None}
    offset = {} if moment.tzinfo is None else {f"{name}_offset": moment.isoformat()[-6:]}
    return {name: f"{moment:%Y-%m-%d %H:%M:%S}", **offset}
