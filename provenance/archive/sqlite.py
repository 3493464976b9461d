"""The default archive: one SQLite file that a desk can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from provenance.archive import lookup, remembered
from provenance.archive.connection import open_read_only, translated
from provenance.archive.rows import REFERENCE_SQL, SIGHTING_COLUMNS, reference_of, sighting_of
from provenance.model import ArchiveInfo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from provenance.archive.cached import CachedLookup
    from provenance.archive.interface import Added, Entry, Holding
    from provenance.archive.local_lookup import LocalLookup
    from provenance.archive.nearest import NearestLookup
    from provenance.model import (
        Candidate,
        FileState,
        LocalCandidate,
        QueryCode,
        Reference,
        Sighting,
        VariantKeys,
    )


CACHE_FROM = 200_000
"""Images from which a memory-mapped index pays: SQL then takes as long a photo as numpy takes to start."""


class SqliteArchive:
    """An `Archive` in one SQLite file. Use as a context manager.

    Raises:
        ArchiveError: from every method, with advice, whatever SQLite runs into.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, who: str = "") -> None:
        self.path = path
        self.who = who
        self.connection = connection
        self._cached: CachedLookup | None = None
        self._local: LocalLookup | None = None
        self._nearest: NearestLookup | None = None

    @classmethod
    def reading(cls, path: Path) -> Self:
        """Open an existing archive; nothing can be changed through it."""
        return cls(path, open_read_only(path))

    @classmethod
    def writing(cls, path: Path, who: str = "") -> Self:
        """Open an archive for adding, making the file if it is missing.

        `who` is whose changes the custody log tells; empty for the name of the operating system's user.
        """
        from provenance.archive.transactions import open_for_writing  # noqa: PLC0415 - sqlite-utils is slow to import

        return cls(path, open_for_writing(path, who), who)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def info(self) -> ArchiveInfo:
        """Return sizes and state."""
        with translated(self.path):
            meta = dict(self.connection.execute("SELECT name, value FROM meta"))
            (schema,) = self.connection.execute("PRAGMA user_version").fetchone()
        return ArchiveInfo(
            location=str(self.path),
            images=int(meta["images"]),
            sightings=int(meta["sightings"]),
            schema_version=schema,
            generation=int(meta["generation"]),
            originals=int(meta["originals"]),
            original_bytes=int(meta["original_bytes"]),
            identity=meta["identity"],
        )

    def newest(self) -> str:
        """Return which image and which sighting were recorded last; "" where there are none.

        Copies of one archive that grew apart are told by it, though they count the same.
        """
        with translated(self.path):
            image = self.connection.execute("SELECT sha256 FROM image ORDER BY id DESC LIMIT 1").fetchone()
            sighting = self.connection.execute(
                "SELECT identity, recorded FROM sighting ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return " ".join((*(image or ()), *(sighting or ())))

    def without_local_features(self) -> int:
        """Return how many images were stored without local features, as all were before schema 4."""
        with translated(self.path):
            meta = dict(self.connection.execute("SELECT name, value FROM meta"))
        return int(meta["images"]) - int(meta["local_features"])

    def told_of(self) -> tuple[int, int]:
        """Return how many images there is no picture of, and of how many of these no more than a hash."""
        with translated(self.path):
            (unseen,) = self.connection.execute(
                "SELECT count(*) FROM image WHERE id NOT IN (SELECT image_id FROM preview)"
            ).fetchone()
            # ';' follows ':'.
            (hashes,) = self.connection.execute(
                "SELECT count(*) FROM image WHERE sha256 >= 'pdq:' AND sha256 < 'pdq;'"
            ).fetchone()
        return int(unseen), int(hashes)

    def without_code(self, algorithm: str, version: int) -> int:
        """Return how many images have no code of this algorithm for their first frame. Reads all fingerprints."""
        with translated(self.path):
            (images,) = self.connection.execute("SELECT value FROM meta WHERE name = 'images'").fetchone()
            (held,) = self.connection.execute(
                """SELECT count(*) FROM fingerprint WHERE frame = 0 AND algorithm_id =
                (SELECT id FROM algorithm WHERE name = ? AND version = ?)""",
                (algorithm, version),
            ).fetchone()
        return int(images) - int(held)

    def add(self, entries: Sequence[Entry], *, restore: bool = False) -> Added:
        """Store a batch in one transaction; see `Archive.add`."""
        from provenance.archive.writer import add_batch  # noqa: PLC0415 - sqlite-utils is slow to import

        with translated(self.path):
            return add_batch(self.connection, entries, self.who, restore=restore)

    def digest_of(self, file: FileState) -> str | None:
        """Return the digest that a file had when it was read, if its size and time are still the same."""
        with translated(self.path):
            return remembered.digest_of(self.connection, file)

    def knows_size(self, byte_count: int) -> bool:
        """Return whether any image that is held, or was removed, has so many bytes."""
        with translated(self.path):
            return remembered.knows_size(self.connection, byte_count)

    def holding(self, sha256: str) -> Holding | None:
        """Return what is held of the image of exactly these bytes."""
        with translated(self.path):
            return remembered.holding(self.connection, sha256)

    def removal(self, sha256: str) -> str | None:
        """Return when and why the image of these bytes was removed, as a clause, if it was."""
        with translated(self.path):
            return remembered.removal(self.connection, sha256)

    def add_sightings(self, told: Sequence[tuple[str, Sighting]]) -> Added:
        """Store sightings of images that are there; see `Archive.add_sightings`."""
        from provenance.archive.writer import add_sightings  # noqa: PLC0415 - sqlite-utils is slow to import

        with translated(self.path):
            return add_sightings(self.connection, told, self.who)

    def digests_at(self, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the images that were seen at each address; see `Archive`. Reads all sightings, once."""
        if not addresses:
            return {}
        found: dict[str, dict[str, None]] = {}
        with translated(self.path):
            for column in ("url", "page"):
                for address, sha256 in self.connection.execute(
                    f"""SELECT {column}, sha256 FROM sighting JOIN image ON image.id = image_id
                    WHERE {column} IS NOT NULL"""
                ):
                    if address in addresses:
                        found.setdefault(address, {})[sha256] = None
        return {address: tuple(digests) for address, digests in found.items()}

    def candidates(self, codes: Sequence[QueryCode], radius: int) -> list[Candidate]:
        """Return archived codes within `radius` bits, best first, one an image."""
        if not codes:
            return []
        with translated(self.path):
            if not lookup.searchable_at_least(self.connection, CACHE_FROM):
                return lookup.chunk_candidates(self.connection, codes, radius)
            if self._cached is None:
                from provenance.archive.cached import CachedLookup  # noqa: PLC0415 - numpy is slow to import

                self._cached = CachedLookup(self.connection, self.path)
            return self._cached.candidates(codes, radius)

    def nearest(self, codes: Sequence[QueryCode], limit: int) -> list[Candidate]:
        """Return the `limit` images whose codes are nearest, nearest first; see `Archive`."""
        if not codes:
            return []
        with translated(self.path):
            if self._nearest is None:
                from provenance.archive.nearest import NearestLookup  # noqa: PLC0415 - numpy is slow to import

                self._nearest = NearestLookup(self.connection)
            return self._nearest.candidates(codes, limit)

    def local_candidates(
        self, keys: Sequence[VariantKeys], algorithm: tuple[str, int], limit: int
    ) -> list[LocalCandidate]:
        """Return the `limit` best images and variants by shared local features; see `Archive`."""
        if not keys:
            return []
        with translated(self.path):
            return self._local_lookup().candidates(keys, algorithm, limit)

    def refresh_index(self) -> None:
        """Index what was added, if it is much: `add` does so at its end, so that the next check need not."""
        with translated(self.path):
            self._local_lookup().refresh()

    def _local_lookup(self) -> LocalLookup:
        if self._local is None:
            from provenance.archive.local_lookup import LocalLookup  # noqa: PLC0415 - numpy is slow to import

            self._local = LocalLookup(self.connection, self.path)
        return self._local

    def by_digest(self, sha256: str) -> Reference | None:
        """Return the image of exactly these bytes."""
        with translated(self.path):
            row = self.connection.execute(f"{REFERENCE_SQL} WHERE sha256 = ?", (sha256,)).fetchone()
        return row and reference_of(row)

    def references(self, ids: Iterable[int]) -> dict[int, Reference]:
        """Return the images of these ids; unknown ids are absent."""
        with translated(self.path):
            rows = [
                self.connection.execute(f"{REFERENCE_SQL} WHERE image.id = ?", (image_id,)).fetchone()
                for image_id in ids
            ]
        return {row[0]: reference_of(row) for row in rows if row}

    def sightings(self, image_id: int) -> tuple[Sighting, ...]:
        """Return every sighting of an image, in the order in which they were recorded."""
        query = f"SELECT {SIGHTING_COLUMNS} FROM sighting WHERE image_id = ? ORDER BY id"
        with translated(self.path):
            return tuple(map(sighting_of, self.connection.execute(query, (image_id,))))

    def preview(self, image_id: int) -> bytes | None:
        """Return the small JPEG of an image."""
        return self.previews([image_id]).get(image_id)

    def previews(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the small JPEGs of these images; absent where there are none."""
        return self._blobs("SELECT jpeg FROM preview WHERE image_id = ?", ids)

    def originals(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the files of these images, byte for byte; absent where none is kept; see `Archive`."""
        return self._blobs("SELECT content FROM original WHERE image_id = ?", ids)

    def local_features(
        self, ids: Iterable[int], algorithm: tuple[str, int] | None = None
    ) -> dict[int, bytes]:
        """Return `LocalCode.features` of these images; absent where there are none, or none of `algorithm`."""
        if algorithm is None:
            return self._blobs("SELECT features FROM local_feature WHERE image_id = ?", ids)
        with translated(self.path):
            number = lookup.algorithm_id(self.connection, *algorithm)
        return self._blobs(
            f"SELECT features FROM any_local_feature WHERE image_id = ? AND algorithm_id = {number or 0}", ids
        )

    def _blobs(self, query: str, ids: Iterable[int]) -> dict[int, bytes]:
        with translated(self.path):
            rows = {image_id: self.connection.execute(query, (image_id,)).fetchone() for image_id in ids}
        return {image_id: bytes(row[0]) for image_id, row in rows.items() if row}

    def every(self) -> Iterator[Reference]:
        """Yield every image, oldest first."""
        with translated(self.path):
            for row in self.connection.execute(f"{REFERENCE_SQL} ORDER BY image.id"):
                yield reference_of(row)
