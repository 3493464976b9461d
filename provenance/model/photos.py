"""Photos, what they are compared by, and what an archive keeps of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from provenance.model.sightings import Stated

Homography = tuple[float, float, float, float, float, float, float, float, float]


class Orientation(enum.Enum):
    """The eight orientations of a rectangle, named as Pillow's `Image.Transpose` names them.

    An orientation is what must be done *to the query* so that it stands like the reference. The value is
    the affine map of the unit square, rows `(a, b, c)` of u' = a*u + b*v + c and v' likewise.
    """

    IDENTITY = ((1, 0, 0), (0, 1, 0))
    FLIP_LEFT_RIGHT = ((-1, 0, 1), (0, 1, 0))
    FLIP_TOP_BOTTOM = ((1, 0, 0), (0, -1, 1))
    ROTATE_180 = ((-1, 0, 1), (0, -1, 1))
    TRANSPOSE = ((0, 1, 0), (1, 0, 0))
    ROTATE_90 = ((0, 1, 0), (-1, 0, 1))
    ROTATE_270 = ((0, -1, 1), (1, 0, 0))
    TRANSVERSE = ((0, -1, 1), (-1, 0, 1))

    @property
    def mirrored(self) -> bool:
        """Whether handedness changes."""
        (a, b, _), (c, d, _) = self.value
        return a * d - b * c < 0

    @property
    def rotation(self) -> int:
        """Degrees clockwise that the query was turned, after mirroring if `mirrored`: 0, 90, 180 or 270."""
        return _ROTATIONS[self.name]

    def homography(self, query: tuple[int, int], reference: tuple[int, int]) -> Homography:
        """Return the map of query pixels onto reference pixels; sizes are (width, height)."""
        (a, b, c), (d, e, f) = self.value
        (wq, hq), (wr, hr) = query, reference
        return (
            a * wr / wq,
            b * wr / hq,
            float(c * wr),
            d * hr / wq,
            e * hr / hq,
            float(f * hr),
            0.0,
            0.0,
            1.0,
        )


_ROTATIONS = {
    "IDENTITY": 0,
    "FLIP_LEFT_RIGHT": 0,
    "FLIP_TOP_BOTTOM": 180,
    "ROTATE_180": 180,
    "TRANSPOSE": 90,
    "ROTATE_90": 90,
    "ROTATE_270": 270,
    "TRANSVERSE": 270,
}


@dataclass(frozen=True, eq=False, slots=True)
class Photo:
    """A decoded photo.

    `frames` holds uint8 arrays of shape (height, width, 3): sRGB, upright as displayed, perhaps reduced;
    `width` and `height` are those of the full picture, upright. Animations give several frames. `quantisation` holds
    the tables of a JPEG file, 64 numbers each in rows, brightness first; other files have none.
    """

    format: str
    width: int
    height: int
    frame_count: int
    frames: tuple[NDArray[np.uint8], ...]
    quantisation: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame of a video that shows something new: when, in seconds from its start, and as a JPEG, upright."""

    seconds: float
    content: bytes = field(repr=False)
    created: datetime | None = None
    """When the video's file says that it was made."""


PRIMARY: Final = "pdq"
"""The algorithm that is searched; docs/global-hashes.md says why. The others are stored for exchange."""

FLAT_QUALITY: Final = 50
"""Below this PDQ quality a picture has too little in it to be told from others: 49 and less are to be discarded,
says ThreatExchange (`pdq/README.md`). docs/global-hashes.md measures what that costs and saves."""

BALANCED: Final = range(96, 161)
"""Bits that are set in a PDQ code of any picture with texture: they compare with their own median, so it is half of
the 256 but for ties. A code of unknown quality beyond is of a flat picture, or no PDQ code."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A comparable value of one frame's content. `quality` (0 to 100) is how much there was to go by."""

    algorithm: str
    version: int
    code: bytes
    quality: int | None = None
    frame: int = 0
    searchable: bool = False
    """Whether look-up may propose it: of the primary algorithm, and of a frame that is not flat."""

    @property
    def telling(self) -> bool:
        """Return whether it may be `searchable`, going by what is stated of it; of unknown quality, by its bits."""
        if self.algorithm != PRIMARY:
            return False
        if self.quality is not None:
            return self.quality >= FLAT_QUALITY
        return int.from_bytes(self.code, "big").bit_count() in BALANCED


@dataclass(frozen=True, slots=True)
class QueryCode:
    """A query's code, under one orientation and tone."""

    algorithm: str
    version: int
    code: bytes
    orientation: Orientation = Orientation.IDENTITY
    inverted: bool = False
    frame: int = 0


@dataclass(frozen=True, slots=True)
class LocalCode:
    """What the archive stores of one image's local features, spread over the picture; at most 10,000 bytes in all.

    `words`, 3 bytes each, and `signatures`, 4 bytes each, both little-endian and of as many features, are for
    look-up. `features` holds these and some more, for comparison: a header, then where each lies and a
    compressed descriptor (`provenance.fingerprint.local_code`).
    """

    algorithm: str
    version: int
    words: bytes
    signatures: bytes
    features: bytes


@dataclass(frozen=True, slots=True)
class Variant:
    """What must be done to a query so that its local features look like the reference's; they need no turning."""

    mirrored: bool
    inverted: bool


@dataclass(frozen=True, eq=False, slots=True)
class LocalFeatures:
    """Local features, ready to be compared.

    `size` is (width, height) of the frame they were found in, `xy` float32 (n, 2) pixels of that frame, `angle`
    float32 (n,) degrees clockwise, `scale` float32 (n,) pixels, `descriptors` float32 (n, 128) of unit length.
    """

    size: tuple[int, int]
    xy: NDArray[np.float32]
    angle: NDArray[np.float32]
    scale: NDArray[np.float32]
    descriptors: NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class VariantKeys:
    """What is looked up of a query's first n features under one variant.

    `words` is uint32 (n, p), likeliest first; `signatures` uint32 (n,); `places` float32 (n, 2), x and y as shares of
    the query's width and height, 0 to 1.
    """

    variant: Variant
    words: NDArray[np.uint32]
    signatures: NDArray[np.uint32]
    places: NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class QueryFeatures:
    """A query's local features as they were found, and what to look up of them.

    `size`, `xy`, `angle` and `scale` are as in `LocalFeatures`; `descriptors` is uint8 (n, 128), raw SIFT. Every
    beginning of them is spread over the picture, the strongest of each region first.
    """

    size: tuple[int, int]
    xy: NDArray[np.float32]
    angle: NDArray[np.float32]
    scale: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    lookup: tuple[VariantKeys, ...]


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """Everything the archive stores of one image besides its sightings.

    Of an image that others have told of, the picture is not at hand: then there is no preview and, where they told
    a hash only, no size: `width` and `height` are 0.
    """

    sha256: str
    """The digest in hex; where it is not known, what the image is known by instead: `pdq:` and that hash in hex."""
    format: str
    width: int
    height: int
    byte_count: int
    frame_count: int
    fingerprints: tuple[Fingerprint, ...]
    preview: bytes = b""
    """A small JPEG, upright, in sRGB."""
    local: LocalCode | None = None
    original: bytes = b""
    """The file itself, all `byte_count` bytes of it, if it is to be kept."""
    stated: Stated | None = None
    """What the file states of itself; None where an earlier version did not ask."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was read: while size and time stay, it is not read again."""

    location: str
    """Its absolute path."""
    size: int
    mtime_ns: int
    """Nanoseconds since 1970, as the file system has it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An archived image, as matches name it. `path` is the one of its first recorded sighting.

    Where others have told of it by a hash only, `sha256` is as in `ImageRecord`, and `width` and `height` are 0.
    """

    id: int
    path: str
    sha256: str
    width: int
    height: int
    pictured: bool = True
    """Whether the archive holds a picture of it, if only a small one; else only what others said of it."""

    @property
    def size(self) -> tuple[int, int]:
        """Return (width, height); that of a unit square where it is not known."""
        return self.width or 1, self.height or 1
