"""An evidence bundle: everything that a check said and rested on, as members of an archive file, with their digests.

Pure: values in, names and bytes out, a photo at a time; the caller writes the file. A member `manifest.json` says what
all others are; `SHA256SUMS` is for whoever has nothing but `sha256sum`. What digests show is that nothing was changed
since the bundle was made, not who made it: nothing is signed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from provenance.errors import BundleError
from provenance.model.clean import clean
from provenance.report.folder_names import folder_names
from provenance.report.json_report import TOOL, claim_value, report_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from provenance.model import ArchiveInfo, Report, Result
    from provenance.model.circumstances import Circumstances

SCHEMA_VERSION = "1.0"
"""Grows in the second place when something is added, in the first when something changes or goes."""

MANIFEST, SUMS, REPORT = "manifest.json", "SHA256SUMS", "report.json"

FILE_NAMES = {
    "text": "report.txt",
    "junit": "report.junit.xml",
    "github": "report.github.txt",
    "gitlab": "report.gitlab.json",
    "media_review": "report.media_review.json",
}
"""Where a form of report goes; the others' names are their endings."""

REPLAY = "provenance replay BUNDLE --archive ARCHIVE"

README = """\
Evidence bundle of provenance {version}
made {made} UTC

What one check found, with all that it rested on. Photos: {photos}.

manifest.json   what this is: versions, settings, the archive's state, every member with its SHA-256 and size
report.*        the report, in each form that the program knows
claims.json     what was claimed of each photo
queries/        the photos that were checked, byte for byte
matches/        of each photo's matches: the archive's small preview, and pictures of what differs
SHA256SUMS      the digest of every member but itself

To verify that nothing was changed or lost, unpack it and run there:

    sha256sum --check SHA256SUMS

To check the photos again, as they were checked, and be told whether the verdicts stand and why not:

    {replay}

The digests show that the members belong together as they are. They do not show who put them together: keep the digest
of the whole file somewhere else, such as in a mail, if that will matter.

“Nothing found” says that the archive did not know the picture, never that it is authentic.
"""


class Member(NamedTuple):
    """A file in the bundle. `name` has only letters, digits, `_`, `.`, `-`, and `/` between its parts."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class BundlePhoto:
    """One checked photo with its bytes and pictures, in memory only while it is written.

    `previews` and `pictures` go by the id of the match's reference; `pictures` then by file name, as `report.pictures`
    names them. Both may lack what there is none of.
    """

    result: Result
    query: bytes
    """The photo's file: its SHA-256 must be the result's."""
    previews: Mapping[int, bytes] = field(default_factory=dict)
    """The JPEG that the archive keeps of the reference."""
    pictures: Mapping[int, Mapping[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BundleAbout:
    """What a bundle says of the run besides its report."""

    circumstances: Circumstances
    checked: datetime
    """When the check was made, in UTC."""
    arguments: tuple[str, ...] = ()
    """The command line, without the program's name."""
    policy: str = ""
    """The text of the policy in force, if there was one."""


def bundle_members(
    report: Report,
    about: BundleAbout,
    photos: Iterable[BundlePhoto],
    reporters: Mapping[str, Callable[[Report], str]],
    others: Iterable[Member] = (),
) -> Iterator[Member]:
    """Yield every member, in a fixed order; photos are asked for one by one, in the order of the report's results.

    `reporters` are the forms of report that are text; `others` further members, such as pages of the HTML report. The
    same arguments give the same bytes.

    Raises:
        BundleError: a photo is not the one that was checked, or is missing.
    """
    told: list[dict[str, Any]] = []
    manifest = _manifest(report, about)
    members: dict[str, dict[str, Any]] = manifest["members"]
    for member in chain(_texts(report, about, reporters), others, _photos(report, photos, told)):
        members[member.name] = {"sha256": _sha256(member.content), "bytes": len(member.content)}
        yield member
    manifest["photos"] = told
    last = Member(MANIFEST, _json(manifest))
    yield last
    sums = {name: member["sha256"] for name, member in members.items()} | {MANIFEST: _sha256(last.content)}
    yield Member(SUMS, sums_text(sums))


def sums_text(digests: Mapping[str, str]) -> bytes:
    """Return the content of SHA256SUMS."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def _texts(
    report: Report, about: BundleAbout, reporters: Mapping[str, Callable[[Report], str]]
) -> Iterator[Member]:
    made = f"{about.checked:%Y-%m-%d %H:%M:%S}"
    count = len(report.results)
    readme = README.format(version=TOOL["version"], made=made, photos=count, replay=REPLAY)
    yield Member("README.txt", readme.encode())
    yield Member(REPORT, _text(report_json(report)))
    for name, reporter in reporters.items():
        if name != "json":
            yield Member(FILE_NAMES.get(name, f"report.{name}"), _text(reporter(report)))
    yield Member("claims.json", _json([_claimed(result) for result in report.results]))


def _photos(report: Report, photos: Iterable[BundlePhoto], told: list[dict[str, Any]]) -> Iterator[Member]:
    names = folder_names([result.path for result in report.results])
    given = iter(photos)
    for name, result in zip(names, report.results, strict=True):
        photo = next(given, None)
        if photo is None or photo.result != result:
            raise BundleError(f"The bytes of {clean(result.path)} are missing from what is to be bundled.")
        yield from _photo(photo, name, told)


def _photo(photo: BundlePhoto, name: str, told: list[dict[str, Any]]) -> Iterator[Member]:
    result = photo.result
    if _sha256(photo.query) != result.sha256:
        raise BundleError(
            f"{clean(result.path)} has changed since it was checked: the report would not be about what is bundled.",
            "Check it again.",
        )
    query = f"queries/{name}{_ending(result.path)}"
    yield Member(query, photo.query)
    matches = []
    folders = folder_names([match.reference.path for match in result.matches])
    for match, folder in zip(result.matches, folders, strict=True):
        files = {"preview.jpg": photo.previews.get(match.reference.id, b"")}
        files |= photo.pictures.get(match.reference.id, {})
        held = [
            Member(f"matches/{name}/{folder}/{file}", files[file]) for file in sorted(files) if files[file]
        ]
        yield from held
        matches.append({"reference": match.reference.sha256, "files": [member.name for member in held]})
    told.append({"path": result.path, "sha256": result.sha256, "query": query, "matches": matches})


def _manifest(report: Report, about: BundleAbout) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": TOOL,
        "checked": about.checked.isoformat(),
        "circumstances": dataclasses.asdict(about.circumstances),
        "policy": about.policy or None,
        "archive": _archive(report.archive),
        "arguments": list(about.arguments),
        "replay": REPLAY,
        "photos": [],
        "members": {},
    }


def _archive(archive: ArchiveInfo) -> dict[str, Any]:
    return {
        "identity": archive.identity,
        "generation": archive.generation,
        "images": archive.images,
        "sightings": archive.sightings,
        "schema_version": archive.schema_version,
    }


def _claimed(result: Result) -> dict[str, Any]:
    claim = claim_value(result.claim) if result.claim else None
    return {"path": result.path, "sha256": result.sha256, "claim": claim}


def _ending(path: str) -> str:
    found = re.search(r"\.([A-Za-z0-9]{1,5})$", path)
    return f".{found[1].lower()}" if found else ""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _text(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _json(value: object) -> bytes:
    return _text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
