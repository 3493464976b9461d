"""What an archive holds of an image besides its row and its sightings, and what of it an image lacks.

An archive that an earlier version made lacks what this one stores; a photo that is added again brings it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from provenance.model import ImageRecord

    Kind = tuple[str, int]
    """Algorithm and version."""

HELD_SQL = """
    SELECT image_id, 'fingerprint', name, version FROM fingerprint JOIN algorithm ON algorithm.id = algorithm_id
        WHERE image_id IN ({marks})
    UNION ALL SELECT image_id, 'local', name, version FROM local_feature
        JOIN algorithm ON algorithm.id = algorithm_id WHERE image_id IN ({marks})
    UNION ALL SELECT image_id, 'preview', '', 0 FROM preview WHERE image_id IN ({marks})
    UNION ALL SELECT DISTINCT image_id, 'others', '', 0 FROM sighting
        WHERE desk IS NOT NULL AND image_id IN ({marks})
    UNION ALL SELECT image_id, 'stated', '', 0 FROM statement WHERE image_id IN ({marks})
    UNION ALL SELECT image_id, 'original', '', 0 FROM original WHERE image_id IN ({marks})"""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is held of one image: fingerprints and local features of which kinds, and whether each of the rest."""

    fingerprints: frozenset[Kind] = frozenset()
    local: Kind | None = None
    preview: bool = False
    original: bool = False
    stated: bool = False
    """What the file states of itself, be it nothing."""
    others: bool = False
    """Other desks told of it: where there is no preview, the rest is their word."""

    def cover(self, wanted: Parts) -> bool:
        """Return whether nothing of `wanted` is lacking; local features of a later version serve too."""
        return (
            wanted.fingerprints <= self.fingerprints
            and self.preview >= wanted.preview
            and self.original >= wanted.original
            and self.stated >= wanted.stated
            and (wanted.local is None or not is_earlier(self.local, wanted.local))
        )

    def with_those_of(self, image: ImageRecord) -> Parts:
        """Return what is held once `image` is stored too; its local features take the place of others."""
        return Parts(
            self.fingerprints | {(f.algorithm, f.version) for f in image.fingerprints},
            (image.local.algorithm, image.local.version) if image.local else self.local,
            self.preview or bool(image.preview),
            self.original or bool(image.original),
            self.stated or image.stated is not None,
            self.others,
        )


def lacking(image: ImageRecord, held: Parts) -> ImageRecord | None:
    """Return `image` with only what `held` lacks, or None if that is nothing.

    Codes and features that only other desks told of give way to those that come with the picture itself.
    """
    seen = is_first_seen(image, held)
    left = replace(
        image,
        fingerprints=tuple(
            f for f in image.fingerprints if seen or (f.algorithm, f.version) not in held.fingerprints
        ),
        preview=b"" if held.preview else image.preview,
        local=image.local if _is_wanted(image, held, seen=seen) else None,
        original=b"" if held.original else image.original,
        stated=None if held.stated else image.stated,
    )
    return left if left.fingerprints or left.preview or left.local or left.original or left.stated else None


def is_first_seen(image: ImageRecord, held: Parts) -> bool:
    """Return whether `image` brings the picture of what only other desks told of."""
    return bool(image.preview) and held.others and not held.preview


def _is_wanted(image: ImageRecord, held: Parts, *, seen: bool) -> bool:
    """Return whether no local features as good are held. An earlier version never undoes what a later one did."""
    if image.local is None or held.local is None:
        return image.local is not None
    wanted = image.local.algorithm, image.local.version
    return is_earlier(held.local, wanted) or (seen and held.local == wanted)


def is_earlier(held: Kind | None, wanted: Kind) -> bool:
    """Return whether local features of `held` are to give way to those of `wanted`."""
    return held is None or held[0] != wanted[0] or held[1] < wanted[1]


def held_parts(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Parts]:
    """Return what is held of these images, in one query; no more than SQL allows values in `IN (...)`."""
    # Numbered marks: each id is given once, whatever the number of tables.
    marks = ",".join(f"?{number}" for number in range(1, len(ids) + 1))
    kinds: dict[int, dict[str, set[Kind]]] = {image_id: {} for image_id in ids}
    for image_id, part, name, version in connection.execute(HELD_SQL.format(marks=marks), ids):
        kinds[image_id].setdefault(part, set()).add((name, version))
    return {
        image_id: Parts(
            frozenset(of.get("fingerprint", ())),
            next(iter(of.get("local", ())), None),
            "preview" in of,
            "original" in of,
            "stated" in of,
            "others" in of,
        )
        for image_id, of in kinds.items()
    }
