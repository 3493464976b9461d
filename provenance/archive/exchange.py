"""What desks share without sharing pictures: hashes, local features and sightings, in one signed file of lines.

A header, an image a line by ascending digest, a count, then the four lines of the signature over all before it
(`signing`). What is private stays: pictures, places on disk and, unless asked for, names of files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import IO, TYPE_CHECKING

from provenance.archive import signing
from provenance.archive.connection import snapshot, translated
from provenance.archive.exchange_lines import (
    MAX_LINE,
    SHARED,
    End,
    Header,
    Shared,
    end_line,
    grouped,
    header_line,
    read_header,
    read_line,
    shared_line,
)
from provenance.archive.interface import Added, Entry
from provenance.archive.maintenance import image_record
from provenance.archive.rows import SIGHTING_COLUMNS, sighting_of
from provenance.errors import ArchiveError, SignatureError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from provenance.archive.exchange_lines import Understood
    from provenance.archive.signing import PublicKey, SecretKey
    from provenance.archive.sqlite import SqliteArchive
    from provenance.model import ImageRecord, Sighting

PASSED_ON = ", passed on by "
"""Between the desk that said something and the one that we had it from. Only the last of a chain is sure."""

LONGEST_NAME = 80
PIECE = 2**20
BATCH = 256
"""Lines that are stored in one transaction."""

LONGEST_SIGNATURE = 4096


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of an archive is to be shared."""

    desk: str
    """Whose word it is."""
    since: date | None = None
    """The first day of recording."""
    others: bool = False
    """Whether to pass on what other desks said, too. What they passed on themselves is not."""
    names: bool = False
    """Whether to tell the names of files; their folders are never told."""


def exported(
    archive: SqliteArchive,
    key: SecretKey,
    wanted: Wanted,
    *,
    on_image: Callable[[], None] = lambda: None,
) -> Iterator[bytes]:
    """Yield the lines of an exchange file, as of one moment; the same archive gives the same but for the date.

    Raises:
        UsageError: the desk's name cannot be one.
        ArchiveError: the archive cannot be read, or a signature not be made.
    """
    require_name(wanted.desk)
    digest = hashlib.blake2b()
    for line in _content(archive, wanted, on_image):
        digest.update(line)
        yield line
    yield signing.signature(key, digest.digest(), f"provenance exchange of {wanted.desk}")


def require_name(name: str) -> None:
    """Raise UsageError unless this can be the name of a desk: one line, short, and not a chain of desks."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or PASSED_ON.strip() in name:
        raise UsageError(
            f"{name[:LONGEST_NAME]!r} cannot be the name of a desk.",
            f"Take up to {LONGEST_NAME} letters, without {PASSED_ON.strip()!r}.",
        )


def _content(archive: SqliteArchive, wanted: Wanted, on_image: Callable[[], None]) -> Iterator[bytes]:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    images = sightings = 0
    with translated(archive.path), snapshot(archive.connection):
        info = archive.info()
        yield header_line(Header(wanted.desk, info.identity, info.generation, created))
        for (image_id,) in archive.connection.execute("SELECT id FROM image ORDER BY sha256"):
            on_image()
            # What does not fit on one line goes on the next, with the image's own fields again.
            for group in grouped(_told(archive, image_id, wanted)):
                images, sightings = images + 1, sightings + len(group)
                yield shared_line(Shared(_image(archive, image_id), group))
    yield end_line(End(images, sightings))


def _image(archive: SqliteArchive, image_id: int) -> ImageRecord:
    record = image_record(archive, image_id)
    shared = tuple(f for f in record.fingerprints if f.algorithm in SHARED)
    return replace(record, fingerprints=shared, preview=b"", stated=None)


def _told(archive: SqliteArchive, image_id: int, wanted: Wanted) -> Iterator[Sighting]:
    """Yield the sightings of an image that are to be shared, without what is private."""
    for row in archive.connection.execute(
        f"SELECT {SIGHTING_COLUMNS} FROM sighting WHERE image_id = ? ORDER BY id", (image_id,)
    ):
        sighting = sighting_of(row)
        recorded = sighting.recorded.date() if sighting.recorded else None
        if wanted.since and recorded and recorded < wanted.since:
            continue
        if sighting.desk is None:
            yield replace(sighting, path=_name(sighting.path) if wanted.names else "", held=recorded)
        elif wanted.others and PASSED_ON not in sighting.desk:
            yield replace(sighting, path="")


def _name(path: str) -> str:
    """Return the last part of a path; of a URL nothing, since `url` has what may be told of it."""
    return "" if "://" in path else path.replace("\\", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. `header` is what the file says of itself; `desk` and `key` are whom we know."""

    header: Header
    desk: str
    key: PublicKey
    added: Added
    without_features: int = 0
    """Images whose features are of another version than ours, or that have none: no crop of these is found."""


def imported(
    archive: SqliteArchive,
    file: Path,
    trusted: Mapping[str, PublicKey],
    understood: Understood,
    *,
    on_image: Callable[[], None] = lambda: None,
) -> Imported:
    """Check an exchange file against the keys of trusted desks, by name, then add what it tells.

    The file is copied, its signature checked on the copy, and each of its lines read, before anything is added.
    What we hold ourselves stays as it is: an image is given sightings, and what it lacks.

    Raises:
        SignatureError: no trusted desk signed this.
        ArchiveError: it makes no sense, was written from this archive, or the archive cannot be written.
        UsageError: the file cannot be read.
    """
    from provenance.archive.writer import add_batch  # noqa: PLC0415 - sqlite-utils is slow to import

    for name in trusted:
        require_name(name)
    # Beside the archive: there is room for what it is to hold, or there is none at all.
    with tempfile.TemporaryFile(dir=archive.path.absolute().parent) as copy:
        desk = _verified_copy(file, copy, trusted)
        header = _proven(copy, understood, archive.info().identity)
        key = trusted[desk].fingerprint.replace(" ", "")
        source = {"imported_from": header.archive, "desk": desk, "key": key}
        added, without = Added(), 0
        for batch in _batches(copy, understood):
            entries = [
                Entry(image, _as_told(sighting, image, desk, trusted[desk]))
                for image, sightings in batch
                for sighting in sightings
            ]
            without += sum(image.local is None for image, _ in batch)
            with translated(archive.path):
                new = _without_what_we_have(archive, entries)
                added += add_batch(archive.connection, new, archive.who, what="imported", source=source)
            for _ in batch:
                on_image()
    return Imported(header, desk, trusted[desk], added, without)


def _verified_copy(file: Path, copy: IO[bytes], trusted: Mapping[str, PublicKey]) -> str:
    """Copy what the signature is over; return the name of the desk that signed it."""
    try:
        with file.open("rb") as source:
            length = os.fstat(source.fileno()).st_size
            source.seek(max(0, length - LONGEST_SIGNATURE))
            tail = source.read(LONGEST_SIGNATURE)
            lines = tail[tail.rfind(signing.SIGNED_AS) :] if signing.SIGNED_AS in tail else b""
            number = signing.number_of(lines)
            source.seek(0)
            left, digest = length - len(lines), hashlib.blake2b()
            while left and (piece := source.read(min(PIECE, left))):
                digest.update(piece)
                copy.write(piece)
                left -= len(piece)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read or copied: {error.strerror}.", "Check its path, and the space there is."
        ) from error
    desk = next((name for name, key in trusted.items() if key.number == number), None)
    if desk is None:
        raise SignatureError(
            f"{file} is signed with a key, number {number[::-1].hex().upper()}, that you do not trust.",
            "Name the desk and its public key, as it gave them to you itself: --trust NAME=KEY.",
        )
    signing.verify(trusted[desk], digest.digest(), lines)
    return desk


def _lines(copy: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    copy.seek(0)
    number = 0
    while line := copy.readline(MAX_LINE):
        number += 1
        if not line.endswith(b"\n"):
            raise ArchiveError(
                f"Line {number} of the exchange file is longer than {MAX_LINE:,} bytes, or is cut off.",
                "Ask the desk that signed it for another file.",
            )
        yield number, line


def _proven(copy: IO[bytes], understood: Understood, identity: str) -> Header:
    """Read all lines once, so that nothing is added of a file that makes no sense; return the header."""
    lines = _lines(copy)
    header = read_header(next(lines, (1, b""))[1])
    if header.archive == identity:
        raise ArchiveError(
            "This exchange file was written from this very archive, or from a copy of it.",
            "Import files of other desks; archives of your own are put together otherwise.",
        )
    images = sightings = 0
    end: End | None = None
    for number, line in lines:
        read = read_line(line, number, understood)
        if end is not None or (isinstance(read, End) and read != End(images, sightings)):
            raise ArchiveError(
                "The exchange file does not hold what it says.", "Ask the desk for another one."
            )
        if isinstance(read, End):
            end = read
        else:
            images, sightings = images + 1, sightings + len(read.sightings)
    if end is None:
        raise ArchiveError("The exchange file has no end.", "Ask the desk for another one.")
    return header


def _batches(
    copy: IO[bytes], understood: Understood
) -> Iterator[list[tuple[ImageRecord, tuple[Sighting, ...]]]]:
    batch: list[tuple[ImageRecord, tuple[Sighting, ...]]] = []
    for number, line in _lines(copy):
        read = read_line(line, number, understood) if number > 1 else None
        if isinstance(read, Shared):
            prints = tuple(replace(f, searchable=f.telling) for f in read.image.fingerprints)
            batch.append((replace(read.image, fingerprints=prints), read.sightings))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _as_told(sighting: Sighting, image: ImageRecord, desk: str, key: PublicKey) -> Sighting:
    """Return a sighting as the word of the desk that signed it, whatever name that desk gives itself or others."""
    name = sighting.path.replace("/", "_").replace("\\", "_")
    whose = f"{sighting.desk[:LONGEST_NAME]}{PASSED_ON}{desk}" if sighting.desk else desk
    return replace(
        sighting,
        path=name or sighting.url or sighting.page or f"image {image.sha256[:16]} of {desk}",
        # No place on disk, and never opened: it says whose signature it came under.
        location=f"exchange:{key.fingerprint.replace(' ', '')}",
        desk=whose,
    )


def _without_what_we_have(archive: SqliteArchive, entries: Sequence[Entry]) -> list[Entry]:
    """Leave out local features of images that have some: those of others never take the place of ours."""
    held = {
        digest
        for digest in {e.image.sha256 for e in entries}
        if archive.connection.execute(
            "SELECT 1 FROM local_feature JOIN image ON image.id = image_id WHERE sha256 = ?", (digest,)
        ).fetchone()
    }
    return [replace(e, image=replace(e.image, local=None)) if e.image.sha256 in held else e for e in entries]
