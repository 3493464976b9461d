"""What comes of checking a bundle again, for a person and as JSON, `schemas/replay-1.0.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from provenance.model.clean import clean
from provenance.model.replays import Cause
from provenance.report.json_report import TOOL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import ArchiveInfo
    from provenance.model.replays import Move, PhotoReplay, Replay

SCHEMA_VERSION = "1.0"

WORDS = {
    Cause.ANOTHER_ARCHIVE: "this is another archive",
    Cause.ARCHIVE_CHANGED: "the archive has changed",
    Cause.REFERENCE_ADDED: "it was added to the archive after the bundle was made",
    Cause.REFERENCE_REMOVED: "it was removed from the archive since",
    Cause.SIGHTING_ADDED: "a sighting was recorded after the bundle was made",
    Cause.SIGHTING_REMOVED: "a sighting was removed since",
    Cause.VERSIONS: "versions differ",
    Cause.SETTINGS: "settings differ",
    Cause.TRUST_LIST: "another trust list is used",
    Cause.DAY: "days have passed",
    Cause.UNEXPLAINED: "nothing that is known to matter differs: please report this",
}


def replay_text(replay: Replay) -> str:
    """Return it as plain text."""
    return "".join(f"{line}\n" for line in _lines(replay))


def _lines(replay: Replay) -> Iterator[str]:
    then = replay.then
    yield (
        f"Checked {replay.checked:%Y-%m-%d %H:%M} UTC against {then.images:,} images with {then.sightings:,} sightings "
        f"(generation {then.generation:,})."
    )
    for difference in replay.differences:
        yield f"  {clean(difference.words)}"
    if not replay.differences:
        yield "  Nothing that a check rests on differs now."
    for photo in replay.photos:
        yield from _photo(photo)
    for skipped in replay.skipped:
        yield f"SKIPPED  {clean(skipped.path)}: {clean(skipped.reason)}"
    stand = sum(photo.stands for photo in replay.photos)
    moved = len(replay.photos) - stand
    yield f"Of {stand + moved} verdicts {stand} stand and {moved} moved; {len(replay.skipped)} skipped."


def _photo(photo: PhotoReplay) -> Iterator[str]:
    verdict = photo.before.value.replace("_", " ")
    if photo.before is not photo.after:
        verdict += f" then, {photo.after.value.replace('_', ' ')} now"
    yield f"{'STANDS' if photo.stands else 'MOVED'}  {clean(photo.path)}  {verdict}"
    for move in photo.moves:
        yield f"  {move.kind.value.replace('_', ' ')}: {clean(move.what)}"
        if move.before:
            yield f"      then: {clean(move.before)}"
        if move.after:
            yield f"      now: {clean(move.after)}"
        yield f"      because {' and '.join(WORDS[cause] for cause in move.causes)}"


def replay_json(replay: Replay) -> str:
    """Return it as one JSON document."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": TOOL,
        "checked": replay.checked.isoformat(),
        "stands": replay.stands,
        "archive": {"then": _archive(replay.then), "now": _archive(replay.now)},
        "differences": [{"cause": d.cause.value, "words": d.words} for d in replay.differences],
        "photos": [
            {
                "path": photo.path,
                "sha256": photo.sha256,
                "stands": photo.stands,
                "verdict": {"then": photo.before.value, "now": photo.after.value},
                "moves": [_move(move) for move in photo.moves],
            }
            for photo in replay.photos
        ],
        "skipped": [{"path": s.path, "reason": s.reason} for s in replay.skipped],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _archive(archive: ArchiveInfo) -> dict[str, Any]:
    return {
        "identity": archive.identity,
        "generation": archive.generation,
        "images": archive.images,
        "sightings": archive.sightings,
    }


def _move(move: Move) -> dict[str, Any]:
    return {
        "kind": move.kind.value,
        "what": move.what,
        "then": move.before or None,
        "now": move.after or None,
        "causes": [cause.value for cause in move.causes],
    }
