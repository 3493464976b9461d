"""`provenance archive ...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.exchange import export, import_file, keys
from provenance.cli.guard import guarded
from provenance.cli.options import DEFAULT_ARCHIVE, ArchiveOption, load_settings
from provenance.errors import ArchiveError, UsageError
from provenance.model.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.archive.sqlite import SqliteArchive
    from provenance.model import Reference

app = typer.Typer(help="Look after an archive.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(keys, name="key")
app.command()(export)
app.command("import")(import_file)

FormatOption = Annotated[str, typer.Option("--format", "-f", help="text or json (one value, or one a line).")]
ImageArgument = Annotated[
    str, typer.Argument(metavar="IMAGE", help="A number, a digest or its start, a path or a URL.")
]


def open_archive(path: Path, *, writing: bool = False) -> SqliteArchive:
    """Open an archive, for reading if nothing else is said."""
    from provenance.archive.sqlite import SqliteArchive

    return SqliteArchive.writing(path, load_settings().user) if writing else SqliteArchive.reading(path)


def open_existing(path: Path) -> SqliteArchive:
    """Open an archive for writing that must be there: a wrong path makes no new one."""
    from provenance.archive.connection import require_file

    require_file(path)
    return open_archive(path, writing=True)


def _as_json(format: str) -> bool:
    if format not in {"text", "json"}:
        raise UsageError(f"There is no format {format!r}.", "Formats here are: text, json.")
    return format == "json"


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


@app.command()
@guarded()
def info(archive: ArchiveOption = DEFAULT_ARCHIVE, format: FormatOption = "text") -> None:
    """Show how much an archive holds."""
    from provenance.cli.embedding import images_without_embedding, missing_embeddings
    from provenance.settings import Settings

    as_json, settings = _as_json(format), Settings.load()
    with open_archive(archive) as store:
        it, (unseen, hashes) = store.info(), store.told_of()
        # Of what no more than a hash is known, no file could give more.
        without = store.without_local_features() - hashes
        unembedded = images_without_embedding(store, settings)
    if as_json:
        _print(
            json.dumps(
                {
                    "location": it.location,
                    "images": it.images,
                    "sightings": it.sightings,
                    "schema_version": it.schema_version,
                    "generation": it.generation,
                    "originals": it.originals,
                    "original_bytes": it.original_bytes,
                    "images_without_picture": unseen,
                    "images_without_local_features": without,
                    "images_without_embedding": unembedded,
                }
            )
        )
    else:
        _print(
            f"{clean(it.location)}: {it.images:,} images, {it.sightings:,} sightings, "
            f"schema {it.schema_version}"
        )
        if it.originals:
            _print(f"{it.originals:,} with their original files, {it.original_bytes:,} bytes.")
        if unseen:
            _print(
                f"{unseen:,} without a picture, since others told of them: {hashes:,} by a hash only. What is found of "
                "these is a reason to ask for the picture."
            )
        if without:
            _print(
                f"{without:,} without local features, added by an earlier version: no crop, screenshot or collage "
                "of these is found. `provenance add` their files or lists again to give them some."
            )
        if unembedded:
            _print(missing_embeddings(unembedded))


@app.command("list")
@guarded()
def list_images(archive: ArchiveOption = DEFAULT_ARCHIVE, format: FormatOption = "text") -> None:
    """List every image, a line each."""
    as_json = _as_json(format)
    with open_archive(archive) as store:
        _list(store.every(), as_json=as_json)


@app.command()
@guarded()
def search(
    words: Annotated[
        list[str], typer.Argument(help="Words that a sighting's caption, place, outlet or credit has.")
    ],
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    format: FormatOption = "text",
) -> None:
    """List the images whose sightings say something."""
    from provenance.archive import maintenance

    as_json = _as_json(format)
    with open_archive(archive) as store:
        _list(maintenance.search(store, " ".join(words)), as_json=as_json)


def _list(references: Iterable[Reference], *, as_json: bool) -> None:
    for it in references:
        if as_json:
            value = {
                "id": it.id,
                "path": it.path,
                "sha256": it.sha256,
                "width": it.width,
                "height": it.height,
                "pictured": it.pictured,
            }
            _print(json.dumps(value, ensure_ascii=False))
        else:
            _print(f"{it.id}\t{it.sha256[:16]}\t{_size(it.width, it.height)}\t{clean(it.path)}")


def _size(width: int, height: int) -> str:
    return f"{width}x{height}" if width and height else "unknown size"


@app.command()
@guarded()
def show(
    image: ImageArgument,
    archive: ArchiveOption = DEFAULT_ARCHIVE,
    format: FormatOption = "text",
    preview: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the small JPEG that the archive keeps of it.")
    ] = None,
    original: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the file itself, if it was added with --keep-originals."),
    ] = None,
) -> None:
    """Show one image: its sightings, its fingerprints and, on request, its picture."""
    from provenance.archive import maintenance
    from provenance.cli.files import write_whole
    from provenance.report.json_report import sighting_value

    as_json = _as_json(format)
    with open_archive(archive) as store:
        it = maintenance.find(store, image)
        if original:
            write_whole(original, _original(store, it))
        if preview:
            write_whole(preview, _preview(store, it))
        value: dict[str, Any] = {
            "id": it.id,
            "path": it.path,
            "sha256": it.sha256,
            "width": it.width,
            "height": it.height,
            "pictured": it.pictured,
            "sightings": [sighting_value(s) for s in store.sightings(it.id)],
            "fingerprints": [
                {
                    "algorithm": f.algorithm,
                    "version": f.version,
                    "frame": f.frame,
                    "quality": f.quality,
                    "searchable": f.searchable,
                    "code": f.code.hex(),
                }
                for f in maintenance.fingerprints(store, it.id)
            ],
        }
    _print(json.dumps(value, ensure_ascii=False, indent=1) if as_json else "\n".join(_told(value)))


def _original(store: SqliteArchive, image: Reference) -> bytes:
    kept = store.originals([image.id]).get(image.id)
    if kept is None:
        raise ArchiveError(
            f"{store.path} keeps no original of image {image.id}, {clean(image.path)}.",
            "`provenance add --keep-originals` its file again: known images are given what they lack.",
        )
    return kept


def _preview(store: SqliteArchive, image: Reference) -> bytes:
    kept = store.preview(image.id)
    if kept is None:
        raise ArchiveError(
            f"{store.path} holds no picture of image {image.id}, {clean(image.path)}: others told of it.",
            "`provenance archive show IMAGE` says who; ask them for it.",
        )
    return kept


def _told(value: dict[str, Any]) -> Iterable[str]:
    yield f"image {value['id']}  {clean(value['path'])}  {_size(value['width'], value['height'])}"
    yield f"sha256 {value['sha256']}" if ":" not in value["sha256"] else "sha256 unknown"
    if not value["pictured"]:
        yield "no picture of it is here: others told of it"
    for sighting in value["sightings"]:
        yield "sighting"
        for name, said in sighting.items():
            if said is not None:
                yield f"  {name:<10} {clean(said['edtf'] if isinstance(said, dict) else said)}"
    for f in value["fingerprints"]:
        quality = "" if f["quality"] is None else f"  quality {f['quality']}"
        yield f"{f['algorithm']:<6} {f['code']}{quality}{'' if f['searchable'] else '  stored only'}"


@app.command()
@guarded()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A file that does not exist yet.")],
    archive: ArchiveOption = DEFAULT_ARCHIVE,
) -> None:
    """Copy an archive, even while others write to it."""
    from provenance.archive import maintenance

    with open_archive(archive) as store:
        maintenance.backup(store, target)
    _print(f"{clean(str(target))} is a copy of {clean(str(archive))}.")


@app.command()
@guarded()
def upgrade(archive: ArchiveOption = DEFAULT_ARCHIVE) -> None:
    """Bring an archive of an earlier version up to date."""
    with open_existing(archive) as store:
        _print(f"{clean(str(archive))} has schema {store.info().schema_version}.")
