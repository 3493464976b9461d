"""An evidence bundle read back. It comes from strangers: nothing is unpacked by its name, and everything is bounded."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import BundleError, ReportError
from provenance.model.circumstances import Circumstances
from provenance.report.bundle import MANIFEST, REPORT, SUMS, BundleAbout, sums_text
from provenance.report.fields import parsed, wrong
from provenance.report.reading import read_report, require_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from provenance.model import Report, Result
    from provenance.model.circumstances import Setting
    from provenance.report.fields import Fields

MOST_MEMBERS = 200_000
"""A thousand photos with a dozen matches each make 40,000."""

MOST_TEXT = 2**28
"""Bytes of one member that is compressed, hence of a text: what a bomb can grow to."""

MOST_TEXTS = 2**30
"""Bytes of all of them together."""

BLOCK = 2**20

_OURS = re.compile(r"1\.[0-9]{1,3}")
_PART = r"(?!\.)[A-Za-z0-9_.-]{1,100}"
_NAME = re.compile(rf"{_PART}(?:/{_PART}){{0,3}}")

_ENTRY_BYTES = 46 + 200
"""Of an entry in the directory of a ZIP file: what all have, and ample room for a name."""

_END = struct.Struct("<4s8xL4xH")
"""The record that ends a ZIP file without a comment: its mark, the bytes of the directory before it, and 0."""
_END64 = struct.Struct("<4s36xQ8x")
_LOCATOR = struct.Struct("<4s16x")
"""Those that large files have before it."""

ADVICE = "Ask for the bundle again, as it was made; the report in it cannot be relied on."


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose members are all there, and none of them changed."""

    report: Report
    about: BundleAbout
    sha256: str
    """Of its manifest, which holds the digests of everything else."""
    _zip: zipfile.ZipFile
    _queries: tuple[str, ...]

    def query(self, number: int) -> bytes:
        """Return the bytes of the photo of result `number`, from 0. Raises BundleError."""
        with _readable():
            return _content(self._zip, self._queries[number])


def open_bundle(file: BinaryIO, *, largest: int) -> Bundle:
    """Return the bundle in an open file, which must stay open; no member may be larger than `largest` bytes.

    Every member is read once, a megabyte at a time, and held against its digest.

    Raises:
        BundleError: it is no bundle of ours, or was changed since it was made.
    """
    with _readable():
        _require_few(file)
        opened = zipfile.ZipFile(file)
        sizes = _sizes(opened, largest)
        if not {MANIFEST, REPORT, SUMS} <= sizes.keys():
            raise BundleError(
                "The file is a ZIP file, but not an evidence bundle.", "Name one made by `provenance`."
            )
        content = _content(opened, MANIFEST)
        manifest = parsed(_decoded(content))
        require_version(manifest, _OURS)
        _verify(opened, sizes, manifest, content)
        report = read_report(_decoded(_content(opened, REPORT)))
        queries = tuple(photo.text("query") for photo in manifest.each("photos"))
        _require_photos(manifest, report.results, queries)
        return Bundle(report, _about(manifest), hashlib.sha256(content).hexdigest(), opened, queries)


@contextmanager
def _readable() -> Iterator[None]:
    """Tell whatever a broken or hostile file makes its readers raise as one error."""
    try:
        yield
    except ReportError as error:
        raise BundleError(f"The bundle cannot be read: {error.message}", ADVICE) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
        raise BundleError(f"The bundle is damaged, or no ZIP file: {error}.", ADVICE) from error
    except (NotImplementedError, RuntimeError) as error:
        # Encrypted, or compressed as no bundle of ours is.
        raise BundleError(f"The bundle is not as this program writes one: {error}.", ADVICE) from error


def _require_few(file: BinaryIO) -> None:
    """Refuse a directory with too many entries before it is read: all of it is held in memory."""
    ends = _END64.size + _LOCATOR.size + _END.size
    file.seek(-min(ends, file.seek(0, 2)), 2)
    end = file.read().rjust(ends, b"\0")
    mark, directory, comment = _END.unpack_from(end, ends - _END.size)
    if mark != b"PK\x05\x06" or comment:
        raise BundleError("The file is no evidence bundle.", "Name one made by `provenance`.")
    if end[_END64.size :].startswith(b"PK\x06\x07"):
        _, directory = _END64.unpack_from(end)
    if directory > MOST_MEMBERS * _ENTRY_BYTES:
        raise BundleError(
            f"The bundle has more than {MOST_MEMBERS:,} members, the most that are read.", ADVICE
        )


def _sizes(opened: zipfile.ZipFile, largest: int) -> dict[str, int]:
    """Return the size of each member by its name; what could not be one of ours is refused."""
    sizes: dict[str, int] = {}
    texts = 0
    for member in opened.infolist():
        if not _NAME.fullmatch(member.filename) or member.filename != member.orig_filename:
            raise BundleError(
                f"The bundle has a member with the name {member.filename[:100]!r}, as none of ours.", ADVICE
            )
        if member.filename in sizes:
            raise BundleError(f"The bundle has two members with the name {member.filename}.", ADVICE)
        stored = member.compress_type == zipfile.ZIP_STORED and member.compress_size == member.file_size
        texts += 0 if stored else member.file_size
        most = largest if stored else MOST_TEXT
        if member.file_size > most or texts > MOST_TEXTS:
            raise BundleError(
                f"{member.filename} in the bundle would take {member.file_size:,} bytes, more than is read.",
                ADVICE,
            )
        sizes[member.filename] = member.file_size
    if len(sizes) > MOST_MEMBERS:
        raise BundleError(
            f"The bundle has more than {MOST_MEMBERS:,} members, the most that are read.", ADVICE
        )
    return sizes


def _verify(opened: zipfile.ZipFile, sizes: dict[str, int], manifest: Fields, content: bytes) -> None:
    """Hold every member against its digest."""
    listed = manifest.inner("members")
    missing = sorted(set(listed.members) - set(sizes))
    added = sorted(set(sizes) - set(listed.members) - {MANIFEST, SUMS})
    if missing or added:
        name = (missing or added)[0]
        told = "is missing from the bundle" if missing else "is in the bundle, but not in its manifest"
        raise BundleError(f"{name!r} {told}.", ADVICE)
    digests = {name: listed.inner(name).sha256("sha256") for name in listed.members}
    for name, digest in digests.items():
        if sizes[name] != listed.inner(name).whole("bytes") or _digest(opened, name) != digest:
            raise BundleError(f"{name} in the bundle is not what it was when the bundle was made.", ADVICE)
    sums = sums_text(digests | {MANIFEST: hashlib.sha256(content).hexdigest()})
    if _content(opened, SUMS) != sums:
        raise BundleError(
            f"{MANIFEST} or {SUMS} in the bundle is not what it was when the bundle was made.", ADVICE
        )


def _digest(opened: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    for block in _blocks(opened, name):
        digest.update(block)
    return digest.hexdigest()


def _content(opened: zipfile.ZipFile, name: str) -> bytes:
    return b"".join(_blocks(opened, name))


def _blocks(opened: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    # Never all at once: `zipfile` would inflate up to 2 GB before it cuts off what is more than was declared.
    with opened.open(name) as member:
        while block := member.read(BLOCK):
            yield block


def _require_photos(manifest: Fields, results: tuple[Result, ...], queries: tuple[str, ...]) -> None:
    """Refuse a manifest whose photos are not those of the report, in its order."""
    told = [photo.sha256("sha256") for photo in manifest.each("photos")]
    members = manifest.inner("members")
    held = [members.inner(query).sha256("sha256") for query in queries]
    if not told == held == [result.sha256 for result in results]:
        raise BundleError("The photos in the bundle are not those that its report is about.", ADVICE)


def _about(manifest: Fields) -> BundleAbout:
    return BundleAbout(
        _circumstances(manifest.inner("circumstances")),
        manifest.moment("checked"),
        manifest.texts("arguments"),
        manifest.maybe("policy", manifest.text) or "",
    )


def _circumstances(it: Fields) -> Circumstances:
    libraries, settings = it.inner("libraries"), it.inner("settings")
    return Circumstances(
        it.text("tool"),
        it.text("python"),
        it.text("platform"),
        {name: libraries.text(name) for name in libraries.members},
        {name: _setting(settings, name) for name in settings.members},
        it.text("trust_list"),
        it.text("embedding_model"),
        it.flag("fast"),
    )


def _setting(settings: Fields, name: str) -> Setting:
    value = settings.value(name)
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return settings.number(name)
    raise wrong(settings.at(name), "text, a number, true or false")


def _decoded(content: bytes) -> str:
    return content.decode("utf-8")
