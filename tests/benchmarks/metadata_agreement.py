"""Whether what is told of metadata is what Pillow and ExifTool read: `metadata_agreement.py PHOTOS [PHOTOS...]`.

Every tag of EXIF, IPTC and XMP that is told is compared, in the files of the folders given and in files written here.
ExifTool (Debian: libimage-exiftool-perl) is asked where it is installed, and then also writes some of the files.
Prints a table, every disagreement, and how many files a second are read.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from PIL import Image

from provenance.evidence.metadata import read_metadata
from provenance.evidence.metadata.exif_tags import TAGS
from provenance.evidence.metadata.xmp_properties import REFERENCES
from provenance.model.file_facts import FactSource

SUFFIXES = {".jpg", ".jpeg", ".tif", ".tiff", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".jpe"}
DIRECTORIES = {"EXIF": 0x8769, "GPS": 0x8825}
EXIFTOOL = {
    "PhotographicSensitivity": "ISO", "DateTimeDigitized": "CreateDate", "DateTime": "ModifyDate",
    "PixelXDimension": "ExifImageWidth", "PixelYDimension": "ExifImageHeight", "ImageLength": "ImageHeight",
    "CameraOwnerName": "OwnerName", "BodySerialNumber": "SerialNumber", "LensSpecification": "LensInfo",
    "ExposureBiasValue": "ExposureCompensation", "FocalLengthIn35mmFilm": "FocalLengthIn35mmFormat",
}  # fmt: skip
"""Where ExifTool does not use the standard's name."""
XMP_GROUPS = {"Iptc4xmpCore": "iptcCore", "Iptc4xmpExt": "iptcExt"}
XMP_NAMES = {
    "xmp:CreateDate": "XMP-xmp:CreateDate", "tiff:DateTime": "XMP-tiff:ModifyDate",
    "exif:DateTimeDigitized": "XMP-exif:DateTimeDigitized", "Iptc4xmpExt:DigImageGUID": "XMP-iptcExt:DigitalImageGUID",
    "exif:GPSTimeStamp": "XMP-exif:GPSDateTime",
    "photoshop:ICCProfile": "XMP-photoshop:ICCProfileName", "exifEX:BodySerialNumber": "XMP-exifEX:SerialNumber",
}  # fmt: skip
STRUCTURES = {"MakerNote", "photoshop:TextLayers", *REFERENCES}
DATE = re.compile(r"\d{4}[-:]\d\d[-:]\d\d")
ROUNDS = 5


def written(folder: Path) -> None:
    """Write files whose every tag is known: by Pillow, and by ExifTool where it is there."""
    picture = Image.new("RGB", (64, 48), "olive")
    for number, suffix in enumerate(("jpg", "png", "webp", "tif", "avif")):
        exif = Image.Exif()
        exif[0x010F], exif[0x0110], exif[0x0131] = "Maker", f"Model {number}", "Editor 1.0"
        exif[0x0132], exif[0x013B], exif[0x0112] = (
            "2016:12:13 10:11:12",
            "Café Zuhair \u062d\u0644\u0628".encode(),
            6,
        )
        exif[0x9C9B] = "Aleppo \u062d\u0644\u0628\0".encode("utf-16-le")
        inner = exif.get_ifd(DIRECTORIES["EXIF"])
        inner.update({0x9003: "2016:12:13 10:11:12", 0x9011: "+03:00", 0x9291: "25", 0x829A: (1, 250)})
        inner.update(
            {0x829D: (28, 10), 0x8827: 400, 0x9209: 16, 0x9286: b"UNICODE\0" + "noted".encode("utf-16-le")}
        )
        gps = exif.get_ifd(DIRECTORIES["GPS"])
        gps.update(
            {
                1: "N",
                2: (36.0, 11.0, 58.2),
                3: "E",
                4: (37.0, 9.0, 46.5),
                0x1D: "2016:12:13",
                7: (7.0, 11.0, 12.5),
            }
        )
        picture.save(folder / f"pillow.{suffix}", exif=exif.tobytes() if suffix == "avif" else exif)
    if not shutil.which("exiftool"):
        return
    arguments = [
        "-EXIF:Make=Maker", "-EXIF:Artist=Zuhair", "-EXIF:UserComment=a comment",
        "-EXIF:DateTimeOriginal=2016:12:13 10:11:12",
        "-EXIF:OffsetTimeOriginal=+03:00", "-EXIF:LensModel=50mm", "-EXIF:SerialNumber=1234", "-GPS:GPSLatitude=36.2",
        "-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitude=37.16", "-GPS:GPSLongitudeRef=W", "-GPS:GPSHPositioningError=5",
        "-IPTC:By-line=Zuhair", "-IPTC:Keywords=war", "-IPTC:Keywords=city", "-IPTC:DateCreated=2016:12:13",
        "-IPTC:TimeCreated=10:11:12+03:00", "-IPTC:Caption-Abstract=A street", "-IPTC:SpecialInstructions=FBMD01000a",
        "-XMP-xmp:CreatorTool=Editor", "-XMP-xmp:CreateDate=2016:12:13 10:11:12+03:00", "-XMP-dc:Title=Title",
        "-XMP-dc:Creator=A", "-XMP-dc:Creator=B", "-XMP-photoshop:City=Aleppo", "-XMP-photoshop:DateCreated=2016:12:13",
        "-XMP-xmpMM:DocumentID=xmp.did:1", "-XMP-iptcExt:DigitalSourceType=http://example.org/x",
    ]  # fmt: skip
    for suffix in ("jpg", "png", "webp", "tif"):
        target = folder / f"exiftool.{suffix}"
        picture.save(target)
        subprocess.run(["exiftool", "-q", "-overwrite_original", *arguments, str(target)], check=False)


def ours(data: bytes) -> dict[str, list[str]]:
    """Return what is told, by name with its standard before it."""
    told: dict[str, list[str]] = defaultdict(list)
    for fact in read_metadata(data).facts:
        # structures and what was cut are held by the tests
        whole = "[" not in fact.name and "cut" not in fact.note and fact.name not in STRUCTURES
        if fact.source in {FactSource.EXIF, FactSource.IPTC, FactSource.XMP} and whole:
            told[f"{fact.source.value}:{fact.name}"].append(fact.value)
    return told


def pillows(path: Path) -> dict[str, object]:
    """Return what Pillow reads of the tags that are told, asked through the file, not through a block found here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                exif = picture.getexif()
                directories = {
                    "Image": dict(exif),
                    **{name: dict(exif.get_ifd(n)) for name, n in DIRECTORIES.items()},
                }
    except Exception as error:
        print(f"# Pillow does not open {path.name}: {type(error).__name__}")
        return {}
    other = {"Image": "EXIF", "EXIF": "Image", "GPS": "GPS"}
    found = {
        t.name: directories[t.directory].get(t.number, directories[other[t.directory]].get(t.number))
        for t in TAGS
    }
    return {f"exif:{name}": value for name, value in found.items() if value is not None}


def exiftools(folder: Path) -> dict[str, dict[str, object]]:
    """Return what ExifTool reads, by path and then group and name; nothing where it is not installed."""
    if not shutil.which("exiftool"):
        return {}
    command = [
        "exiftool",
        "-j",
        "-n",
        "-G1",
        "-r",
        "-q",
        "-api",
        "largefilesupport=1",
        "-charset",
        "iptc=utf8",
        str(folder),
    ]
    answer = subprocess.run(command, capture_output=True, check=False).stdout
    return {entry["SourceFile"]: entry for entry in json.loads(answer or b"[]")}


def of_exiftool(name: str, entry: dict[str, object]) -> object:
    """Return ExifTool's value for a name of ours."""
    standard, _, plain = name.partition(":")
    if standard == "exif":
        wanted = EXIFTOOL.get(plain, plain)
        groups = ("GPS",) if plain.startswith("GPS") else ("IFD0", "ExifIFD", "SubIFD")
        return next((entry[f"{group}:{wanted}"] for group in groups if f"{group}:{wanted}" in entry), None)
    if standard == "iptc":
        key = re.sub(r"[ /-]|Code$", "", plain[6:]).lower()
        keys = {re.sub(r"-", "", k[5:]).lower(): v for k, v in entry.items() if k.startswith("IPTC:")}
        names = {"supplementalcategory": "supplementalcategories", "subjectreference": "subjectreference",
                 "country": "countryprimarylocationcode", "countryname": "countryprimarylocationname"}  # fmt: skip
        return keys.get(names.get(key, key))
    prefix, _, local = plain.partition(":")
    key = XMP_NAMES.get(plain, f"XMP-{XMP_GROUPS.get(prefix, prefix)}:{local}").lower()
    return next((value for k, value in entry.items() if k.lower() == key), None)


def numbers(value: object) -> list[float]:
    """Return the numbers in a value; of ours, without unit and meaning."""
    if isinstance(value, (tuple, list)):
        return [number for part in value for number in numbers(part)]
    if isinstance(value, bytes):
        return [float(byte) for byte in value]
    if not isinstance(value, str):
        try:
            return [float(value)]  # type: ignore[arg-type]
        except (TypeError, ValueError, ZeroDivisionError):
            return []
    value = re.sub(r" \(.*\)$", "", value).replace("undef", "0/0")
    found = []
    for top, bottom in re.findall(r"(-?\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?", value):
        found.append(float(top) / float(bottom or 1) if float(bottom or 1) else math.nan)
    return found


def text(value: object) -> str:
    """Return a value as text without what the readers write differently on purpose."""
    if isinstance(value, bytes):
        for code, encoding in ((b"ASCII\0\0\0", "utf-8"), (b"UNICODE\0", "utf-16-le"), (b"\0" * 8, "utf-8")):
            if value.startswith(code):
                return text(value[8:].decode(encoding, "replace"))
        value = (
            value.decode("utf-16-le", "replace") if value[1:2] == b"\0" else value.decode("utf-8", "replace")
        )
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    shown = str(value)
    with suppress(UnicodeError):
        shown = shown.encode("latin-1").decode("utf-8")  # Pillow's Latin-1
    shown = shown.split("\0")[0].strip()
    if DATE.match(shown) or re.fullmatch(r"\d{8}|\d\d:?\d\d:?\d\d([+-]\d\d:?\d\d)?", shown):
        return re.sub(r"[-:T ]", "", shown)
    return re.sub(r"\s+", " ", shown)


def agree(name: str, mine: list[str], other: object) -> bool:
    """Return whether two readers say the same: the same text, or the same numbers within what six digits show."""
    left, right = "; ".join(mine), other
    if text(left) == text(right):
        return True
    a, b = numbers(left.replace(".", " ") if name == "exif:GPSVersionID" else left), numbers(right)
    if re.search("Latitude|Longitude", name) and len(a) == 3 and len(b) == 1:
        a = [a[0] + a[1] / 60 + a[2] / 3600]
    if name.startswith("xmp:exif:GPSL") and len(b) == 1 and a:
        a = [sum(part / 60**power for power, part in enumerate(a)) * (-1 if left[-1] in "SW" else 1)]
    return bool(a) and len(a) == len(b) and all(map(close, a, b))


def close(one: float, other: float) -> bool:
    """Return whether two numbers are equal within what six digits show; none is none."""
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=2e-4, abs_tol=2e-6)


def compare(folders: list[Path]) -> None:  # noqa: C901 - one loop over files, tags and readers
    """Print the table and the disagreements."""
    files: Counter[str] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    differ: dict[tuple[str, str], list[str]] = defaultdict(list)
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    paths = []
    for folder in folders:
        answers = exiftools(folder)
        for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()):
            paths.append(path)
            pillow, exiftool = pillows(path), answers.get(str(path), {})
            for name, mine in ours(path.read_bytes()).items():
                files[name] += 1
                readers = {"Pillow": pillow.get(name), "ExifTool": of_exiftool(name, exiftool)}
                for reader, other in readers.items():
                    if other is None:
                        if (reader == "ExifTool" and exiftool) or (
                            reader == "Pillow" and pillow and name.startswith("exif")
                        ):
                            missing[reader, name].append(f"{path.name}: {mine}")
                    elif agree(name, mine, other):
                        same[reader, name] += 1
                    else:
                        differ[reader, name].append(f"{path.name}: {mine} / {str(other)[:120]!r}")
    print(f"{len(paths)} files\n")
    print(
        "| tag | files | as Pillow | not as Pillow | as ExifTool | not as ExifTool |\n|---|---|---|---|---|---|"
    )
    for name in sorted(files):
        cells = [f"{same[r, name]} | {len(differ[r, name])}" for r in ("Pillow", "ExifTool")]
        print(f"| {name} | {files[name]} | {' | '.join(cells)} |")
    totals = [sum(c for (r, _), c in same.items() if r == x) for x in ("Pillow", "ExifTool")]
    losses = [sum(len(c) for (r, _), c in differ.items() if r == x) for x in ("Pillow", "ExifTool")]
    print(f"| all | {sum(files.values())} | {totals[0]} | {losses[0]} | {totals[1]} | {losses[1]} |")
    for title, lists in (("differs", differ), ("only here", missing)):
        for (reader, name), cases in sorted((key, cases) for key, cases in lists.items() if cases):
            print(f"\n{title}, {reader}, {name}: {len(cases)}")
            print("\n".join(f"  {case.encode('unicode_escape').decode()}" for case in cases[:8]))
    speed(paths)


def speed(paths: list[Path]) -> None:
    """Print how many files a second of this process are read, bytes in memory."""
    everything = [path.read_bytes() for path in paths]
    exif = [data for data in everything if read_metadata(data).facts and b"Exif" in data[:64]]
    for words, files in (("all files", everything), ("JPEG files with EXIF", exif)):
        start = time.process_time()
        for _ in range(ROUNDS):
            for data in files:
                read_metadata(data)
        seconds = time.process_time() - start
        print(
            f"\n{words}: {len(files) * ROUNDS / max(seconds, 1e-9):.0f} a second ({len(files)} files, {ROUNDS} rounds)"
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        written(Path(made))
        compare([Path(made), *map(Path, sys.argv[1:])])
