"""The EXIF tags that are told, and how their values read (CIPA DC-008, EXIF 3.0; TIFF 6.0; GPS attributes)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shape(enum.Enum):
    """How a tag's value is written out."""

    TEXT = enum.auto()
    NUMBERS = enum.auto()
    """Whole, broken or floating."""
    EXPOSURE = enum.auto()
    """Seconds, as photographers write them: 1/250."""
    DEGREES = enum.auto()
    """Degrees, minutes and seconds."""
    CLOCK = enum.auto()
    """Hours, minutes and seconds."""
    COMMENT = enum.auto()
    """Text behind eight bytes that name its characters."""
    WIDE = enum.auto()
    """UTF-16, little endian, as Windows writes it."""
    VERSION = enum.auto()
    """Four characters."""
    DOTTED = enum.auto()
    """Bytes with dots between: 2.3.0.0."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its directory, number and name; `unit` follows the number, `meanings` explain its whole ones."""

    directory: str
    number: int
    name: str
    shape: Shape = Shape.TEXT
    unit: str = ""
    meanings: Mapping[int, str] = field(default_factory=dict)


ORIENTATIONS = {
    1: "upright",
    2: "mirrored left to right",
    3: "turned 180 degrees",
    4: "mirrored top to bottom",
    5: "mirrored, then turned 270 degrees clockwise to show",
    6: "turned 90 degrees clockwise to show",
    7: "mirrored, then turned 90 degrees clockwise to show",
    8: "turned 270 degrees clockwise to show",
}
_FLASH = {value: ("fired" if value & 1 else "did not fire") for value in range(128)}
_PROGRAMS = {
    1: "manual", 2: "normal", 3: "aperture priority", 4: "shutter priority", 5: "creative", 6: "action",
    7: "portrait", 8: "landscape",
}  # fmt: skip
_COLOUR_SPACES = {1: "sRGB", 0xFFFF: "uncalibrated"}
_RENDERED = {0: "normal", 1: "custom"}
_SOURCES = {1: "film scanner", 2: "print scanner", 3: "digital camera"}
_WHITE = {0: "automatic", 1: "manual"}
_SCENES = {0: "standard", 1: "landscape", 2: "portrait", 3: "night"}
_ALTITUDES = {0: "above sea level", 1: "below sea level"}

_N = Shape.NUMBERS

TAGS: tuple[Tag, ...] = (
    Tag("Image", 0x000B, "ProcessingSoftware"),
    Tag("Image", 0x010D, "DocumentName"),
    Tag("Image", 0x010E, "ImageDescription"),
    Tag("Image", 0x010F, "Make"),
    Tag("Image", 0x0110, "Model"),
    Tag("Image", 0x0112, "Orientation", _N, meanings=ORIENTATIONS),
    Tag("Image", 0x0100, "ImageWidth", _N),
    Tag("Image", 0x0101, "ImageLength", _N),
    Tag("Image", 0x011A, "XResolution", _N),
    Tag("Image", 0x011B, "YResolution", _N),
    Tag("Image", 0x0128, "ResolutionUnit", _N, meanings={1: "none", 2: "inch", 3: "centimetre"}),
    Tag("Image", 0x0131, "Software"),
    Tag("Image", 0x0132, "DateTime"),
    Tag("Image", 0x013B, "Artist"),
    Tag("Image", 0x013C, "HostComputer"),
    Tag("Image", 0x4746, "Rating", _N),
    Tag("Image", 0x8298, "Copyright"),
    Tag("Image", 0x9C9B, "XPTitle", Shape.WIDE),
    Tag("Image", 0x9C9C, "XPComment", Shape.WIDE),
    Tag("Image", 0x9C9D, "XPAuthor", Shape.WIDE),
    Tag("Image", 0x9C9E, "XPKeywords", Shape.WIDE),
    Tag("Image", 0x9C9F, "XPSubject", Shape.WIDE),
    Tag("Image", 0xC614, "UniqueCameraModel"),
    Tag("Image", 0xC62F, "CameraSerialNumber"),
    Tag("Image", 0xC71B, "PreviewDateTime"),
    Tag("EXIF", 0x9000, "ExifVersion", Shape.VERSION),
    Tag("EXIF", 0x9003, "DateTimeOriginal"),
    Tag("EXIF", 0x9004, "DateTimeDigitized"),
    Tag("EXIF", 0x9010, "OffsetTime"),
    Tag("EXIF", 0x9011, "OffsetTimeOriginal"),
    Tag("EXIF", 0x9012, "OffsetTimeDigitized"),
    Tag("EXIF", 0x9290, "SubSecTime"),
    Tag("EXIF", 0x9291, "SubSecTimeOriginal"),
    Tag("EXIF", 0x9292, "SubSecTimeDigitized"),
    Tag("EXIF", 0x829A, "ExposureTime", Shape.EXPOSURE, "s"),
    Tag("EXIF", 0x829D, "FNumber", _N),
    Tag("EXIF", 0x8822, "ExposureProgram", _N, meanings=_PROGRAMS),
    Tag("EXIF", 0x8827, "PhotographicSensitivity", _N),
    Tag("EXIF", 0x9204, "ExposureBiasValue", _N, "EV"),
    Tag("EXIF", 0x9206, "SubjectDistance", _N, "m"),
    Tag("EXIF", 0x9209, "Flash", _N, meanings=_FLASH),
    Tag("EXIF", 0x920A, "FocalLength", _N, "mm"),
    Tag("EXIF", 0xA405, "FocalLengthIn35mmFilm", _N, "mm"),
    Tag("EXIF", 0xA404, "DigitalZoomRatio", _N),
    Tag("EXIF", 0x9286, "UserComment", Shape.COMMENT),
    Tag("EXIF", 0xA001, "ColorSpace", _N, meanings=_COLOUR_SPACES),
    Tag("EXIF", 0xA002, "PixelXDimension", _N),
    Tag("EXIF", 0xA003, "PixelYDimension", _N),
    Tag("EXIF", 0xA004, "RelatedSoundFile"),
    Tag("EXIF", 0xA300, "FileSource", _N, meanings=_SOURCES),
    Tag("EXIF", 0xA401, "CustomRendered", _N, meanings=_RENDERED),
    Tag("EXIF", 0xA403, "WhiteBalance", _N, meanings=_WHITE),
    Tag("EXIF", 0xA406, "SceneCaptureType", _N, meanings=_SCENES),
    Tag("EXIF", 0xA420, "ImageUniqueID"),
    Tag("EXIF", 0xA430, "CameraOwnerName"),
    Tag("EXIF", 0xA431, "BodySerialNumber"),
    Tag("EXIF", 0xA432, "LensSpecification", _N),
    Tag("EXIF", 0xA433, "LensMake"),
    Tag("EXIF", 0xA434, "LensModel"),
    Tag("EXIF", 0xA435, "LensSerialNumber"),
    Tag("EXIF", 0xA460, "CompositeImage", _N, meanings={1: "no", 2: "yes", 3: "taken as one"}),
    Tag("GPS", 0x0000, "GPSVersionID", Shape.DOTTED),
    Tag("GPS", 0x0001, "GPSLatitudeRef"),
    Tag("GPS", 0x0002, "GPSLatitude", Shape.DEGREES),
    Tag("GPS", 0x0003, "GPSLongitudeRef"),
    Tag("GPS", 0x0004, "GPSLongitude", Shape.DEGREES),
    Tag("GPS", 0x0005, "GPSAltitudeRef", _N, meanings=_ALTITUDES),
    Tag("GPS", 0x0006, "GPSAltitude", _N, "m"),
    Tag("GPS", 0x0007, "GPSTimeStamp", Shape.CLOCK),
    Tag("GPS", 0x0009, "GPSStatus"),
    Tag("GPS", 0x000A, "GPSMeasureMode"),
    Tag("GPS", 0x000B, "GPSDOP", _N),
    Tag("GPS", 0x000C, "GPSSpeedRef"),
    Tag("GPS", 0x000D, "GPSSpeed", _N),
    Tag("GPS", 0x0010, "GPSImgDirectionRef"),
    Tag("GPS", 0x0011, "GPSImgDirection", _N, "degrees"),
    Tag("GPS", 0x0012, "GPSMapDatum"),
    Tag("GPS", 0x0013, "GPSDestLatitudeRef"),
    Tag("GPS", 0x0014, "GPSDestLatitude", Shape.DEGREES),
    Tag("GPS", 0x0015, "GPSDestLongitudeRef"),
    Tag("GPS", 0x0016, "GPSDestLongitude", Shape.DEGREES),
    Tag("GPS", 0x001B, "GPSProcessingMethod", Shape.COMMENT),
    Tag("GPS", 0x001C, "GPSAreaInformation", Shape.COMMENT),
    Tag("GPS", 0x001D, "GPSDateStamp"),
    Tag("GPS", 0x001F, "GPSHPositioningError", _N, "m"),
)

USER_COMMENT = 0x9286
"""ExifRead reads it only together with maker notes, byte by byte: it is left to Pillow."""
