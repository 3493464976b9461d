"""The rows of what an archive holds of an image besides its own row and its sightings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from provenance.archive.parts import Parts, is_first_seen, lacking
from provenance.archive.rows import statement_row
from provenance.index.keys import chunk_keys, followings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlite_utils import Database

    from provenance.model import ImageRecord


@dataclass(frozen=True, slots=True)
class Given:
    """What images were given that the archive did not have of them."""

    completed: tuple[str, ...] = ()
    """Digests of those that were there before."""
    algorithms: tuple[str, ...] = ()
    """Names and versions of what was stored."""
    changes: dict[str, int] = field(default_factory=dict)
    """How counters change; empty if nothing was stored."""

    @property
    def told(self) -> dict[str, Any]:
        """Return what the custody log says of it."""
        return {"images_completed": self.completed, "algorithms": self.algorithms}


def insert_parts(db: Database, images: Iterable[tuple[int, ImageRecord]], held: Mapping[int, Parts]) -> Given:
    """Store what neither `held` nor an earlier one of `images` has."""
    new = list(new_parts(images, held))
    if not new:
        return Given()
    late = [(image_id, image) for image_id, image in new if image_id in held]
    _forget_others_word(db.conn, late, held)
    _insert_fingerprints(db, new)
    local = _insert_local(db, new)
    sizes = _insert_originals(db.conn, new)
    db.table("statement").insert_all(
        statement_row(image_id, image.stated) for image_id, image in new if image.stated is not None
    )
    return Given(
        tuple(sorted({image.sha256 for _, image in late})),
        tuple(sorted(_algorithms(image for _, image in new))),
        {
            "epoch": int(any(map(_is_looked_up, (image for _, image in late)))),
            "local_features": local,
            "originals": len(sizes),
            "original_bytes": sum(sizes),
        },
    )


def _algorithms(images: Iterable[ImageRecord]) -> set[str]:
    """Return the names and versions of what these images were fingerprinted with."""
    return {
        f"{code.algorithm} {code.version}"
        for image in images
        for code in (*image.fingerprints, image.local)
        if code
    }


def new_parts(
    images: Iterable[tuple[int, ImageRecord]], held: Mapping[int, Parts]
) -> Iterator[tuple[int, ImageRecord]]:
    """Yield of each image what neither the archive nor an earlier one of `images` has."""
    now_held = dict(held)
    # Pictures first: what others tell of an image never stands beside what is seen of it.
    for image_id, image in sorted(images, key=lambda each: not each[1].preview):
        known = now_held.get(image_id, Parts())
        left = lacking(image, known)
        if left is not None:
            now_held[image_id] = known.with_those_of(left)
            yield image_id, left


def _forget_others_word(
    connection: sqlite3.Connection, late: Iterable[tuple[int, ImageRecord]], held: Mapping[int, Parts]
) -> None:
    """Make way, in images whose picture is seen for the first time, for what is stored of them then."""
    for image_id, image in late:
        if not is_first_seen(image, held[image_id]):
            continue
        connection.execute(
            "UPDATE image SET format = ?, width = ?, height = ?, byte_count = ?, frame_count = ? WHERE id = ?",
            (image.format, image.width, image.height, image.byte_count, image.frame_count, image_id),
        )
        for kind in {(f.algorithm, f.version) for f in image.fingerprints} & held[image_id].fingerprints:
            remove_codes(connection, image_id, kind)


def remove_codes(connection: sqlite3.Connection, image_id: int, kind: tuple[str, int] | None = None) -> None:
    """Remove an image's fingerprints, all or those of one algorithm and version, from look-up too."""
    codes = connection.execute(
        """SELECT algorithm_id, frame, searchable, code FROM fingerprint JOIN algorithm ON id = algorithm_id
        WHERE image_id = ?1 AND (?2 IS NULL OR (name = ?2 AND version = ?3))""",
        (image_id, *(kind or (None, None))),
    ).fetchall()
    connection.executemany(
        "DELETE FROM chunk WHERE algorithm_id = ? AND key = ? AND image_id = ?",
        [(algorithm, key, image_id) for algorithm, _, searchable, code in codes if searchable
         for key in chunk_keys(code)],
    )  # fmt: skip
    connection.executemany(
        "DELETE FROM fingerprint WHERE image_id = ? AND algorithm_id = ? AND frame = ?",
        [(image_id, algorithm, frame) for algorithm, frame, _, _ in codes],
    )


def _is_looked_up(image: ImageRecord) -> bool:
    """Return whether the indexes beside the archive list anything of this."""
    return image.local is not None or any(f.searchable for f in image.fingerprints)


def _insert_fingerprints(db: Database, images: Sequence[tuple[int, ImageRecord]]) -> None:
    algorithms = _algorithm_ids(db, ((f.algorithm, f.version) for _, i in images for f in i.fingerprints))
    fingerprints: list[dict[str, Any]] = []
    chunks: set[tuple[int, int, int, int]] = set()
    for image_id, image in images:
        for f in image.fingerprints:
            algorithm_id = algorithms[f.algorithm, f.version]
            fingerprints.append(
                {
                    "image_id": image_id,
                    "algorithm_id": algorithm_id,
                    "frame": f.frame,
                    "quality": f.quality,
                    "searchable": int(f.searchable),
                    "code": f.code,
                }
            )
            if f.searchable:
                keys = zip(chunk_keys(f.code), followings(f.code), strict=True)
                chunks.update((algorithm_id, key, image_id, following) for key, following in keys)
    db.table("preview").insert_all(
        {"image_id": i, "jpeg": image.preview} for i, image in images if image.preview
    )
    db.table("fingerprint").insert_all(fingerprints)
    db.conn.executemany(
        "INSERT INTO chunk (algorithm_id, key, image_id, following) VALUES (?, ?, ?, ?)", sorted(chunks)
    )


def _insert_local(db: Database, images: Sequence[tuple[int, ImageRecord]]) -> int:
    """Store the local features of the images that have some, the last of each; return how many had none before."""
    codes = {image_id: image.local for image_id, image in images if image.local}
    algorithms = _algorithm_ids(db, ((code.algorithm, code.version) for code in codes.values()))
    db.conn.executemany(
        "DELETE FROM earlier_local_feature WHERE image_id = ? AND algorithm_id = ?",
        [(image_id, algorithms[code.algorithm, code.version]) for image_id, code in codes.items()],
    )
    replaced = db.conn.executemany("DELETE FROM local_feature WHERE image_id = ?", [(i,) for i in codes])
    db.table("local_feature").insert_all(
        {
            "image_id": image_id,
            "algorithm_id": algorithms[code.algorithm, code.version],
            "words": code.words,
            "signatures": code.signatures,
            "features": code.features,
        }
        for image_id, code in codes.items()
    )
    return len(codes) - replaced.rowcount


def _insert_originals(connection: sqlite3.Connection, images: Sequence[tuple[int, ImageRecord]]) -> list[int]:
    """Store the files of the images that bring theirs; return their sizes in bytes."""
    originals = [(image_id, image.original) for image_id, image in images if image.original]
    # Row by row: sqlite-utils would bind a whole batch to one statement, and SQLite copies what is bound.
    connection.executemany("INSERT INTO original (image_id, content) VALUES (?, ?)", originals)
    return [len(content) for _, content in originals]


def _algorithm_ids(db: Database, kinds: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Return the archive's numbers of algorithms by name and version, given to new ones in this order."""
    ids = {}
    for name, version in dict.fromkeys(kinds):
        db.table("algorithm").insert({"name": name, "version": version}, ignore=True)
        row = db.execute("SELECT id FROM algorithm WHERE name = ? AND version = ?", (name, version))
        ids[name, version] = int(row.fetchone()[0])
    return ids
