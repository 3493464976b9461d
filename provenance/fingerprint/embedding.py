"""Embeddings: a picture as one vector, made by a user's own model, so that copies lie near each other.

The models are trained to find copies; SSCD is the best known (E. Pizzi et al., "A Self-Supervised Descriptor for
Image Copy Detection", CVPR 2022; its "descriptor" is the whole picture's, here called its embedding). None is part
of this program, and none is fetched. The vector becomes a code of 256 bits (`binarise`), which only ever proposes.

A model is one ONNX file. It takes float32 (1 or any, 3, height, width): RGB from 0 to 1, less ImageNet's mean,
over its deviation. Into a height and width that it fixes the picture is squeezed; where it leaves both open, the
shorter side is 288 pixels: the two ways that SSCD's authors recommend. It gives, first, float32 (1, dimensions), at
least 32 of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from provenance.errors import SettingsError
from provenance.fingerprint.binarise import binarised, planes
from provenance.model import Fingerprint, Orientation, QueryCode

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION: Final = 1
"""Grows whenever the same model and pixels may give another code."""

SHORT_SIDE: Final = 288
"""Pixels, where the model leaves sizes open. Kept in their shape, tall screenshots lie nearer: docs/decisions.md."""

LONG_SIDE: Final = 3 * SHORT_SIDE
"""At most; longer strips are squeezed, so that none costs more than three squares."""

_TRIAL = 384, 288
"""No square: a model may claim to leave its sizes open."""

LEAST_DIMENSIONS: Final = 32

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)

_OTHER_FILE = b"\n\x08location\x12"
"""How ONNX names a second file that holds weights: a protobuf entry whose key is `location`."""

_ADVICE = "Correct embedding_model in the settings, or remove it to do without."
_MAX_DETAIL = 200


@dataclass(frozen=True, eq=False, slots=True)
class Embedder:
    """A model at work. It serves one thread."""

    algorithm: str
    """Which model it is, as archives have it; codes of two models never compare."""
    _session: Any
    """An `onnxruntime.InferenceSession`; the library has no types."""
    _size: tuple[int, int] | None
    """(width, height) of the pictures that it takes; `None` if any."""
    _planes: NDArray[np.float64]

    def fingerprints(self, pixels: NDArray[np.uint8]) -> tuple[Fingerprint, ...]:
        """Return what to archive of a first frame, (height, width, 3) sRGB: its code, or nothing.

        There is none where the model gives something that is no number.
        """
        codes = self._codes(_tensor(pixels, self._size))
        return tuple(Fingerprint(self.algorithm, VERSION, code) for code in codes)

    def query_codes(self, pixels: NDArray[np.uint8]) -> tuple[QueryCode, ...]:
        """Return what to look up of a first frame, (height, width, 3) sRGB: as it is, and mirrored."""
        upright = _tensor(pixels, self._size)
        return tuple(
            QueryCode(self.algorithm, VERSION, code, orientation)
            for orientation, tensor in (
                (Orientation.IDENTITY, upright),
                (Orientation.FLIP_LEFT_RIGHT, np.ascontiguousarray(upright[..., ::-1])),
            )
            for code in self._codes(tensor)
        )

    def _codes(self, tensor: NDArray[np.float32]) -> list[bytes]:
        (vector,) = _run(self._session, tensor)
        return [binarised(vector, self._planes)] if np.isfinite(vector).all() else []


def algorithm(model: str) -> str:
    """Return the name under which archives have the codes of the model in this file.

    Raises:
        SettingsError: the file cannot be read.
    """
    return _name(_content(model))


@lru_cache(maxsize=1)
def embedder(model: str) -> Embedder:
    """Return the model in this file, loaded and tried.

    Raises:
        SettingsError: onnxruntime is missing, or the file is missing, not ONNX, or not what this module takes.
    """
    content = _content(model)
    session = _session(content, model)
    size = _input_size(session, model)
    width, height = size or _TRIAL
    try:
        output = _run(session, np.zeros((1, 3, height, width), np.float32))
    except Exception as error:  # whatever the model's own operators raise
        raise _unfit(model, f"fails on a picture of {width} x {height} pixels: {_told(error)}") from error
    shape = getattr(output, "shape", None)
    if shape is None or output.dtype != np.float32 or len(shape) != 2 or shape[0] != 1:  # noqa: PLR2004
        raise _unfit(model, f"gives {_kind(output)}, not float32 of shape (1, dimensions)")
    if shape[1] < LEAST_DIMENSIONS:
        raise _unfit(model, f"gives {shape[1]} dimensions, fewer than {LEAST_DIMENSIONS}")
    return Embedder(_name(content), session, size, planes(shape[1]))


def _content(model: str) -> bytes:
    try:
        return Path(model).read_bytes()
    except OSError as error:
        raise SettingsError(
            f"embedding_model {model!r} cannot be read: {error.strerror}.", _ADVICE
        ) from error


def _name(content: bytes) -> str:
    return f"onnx-{hashlib.sha256(content).hexdigest()[:16]}"


def _session(content: bytes, model: str) -> Any:
    if _OTHER_FILE in content:
        raise _unfit(model, "keeps its weights in a second file; save it as one")
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise SettingsError(
            "embedding_model is set, but onnxruntime is not installed.",
            "Install it with `pip install 'provenance[embedding]'`, or remove the setting.",
        ) from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a child is at work on every core
    options.use_deterministic_compute = True
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's own errors share no other base
        raise _unfit(model, f"is not a model that onnxruntime reads: {_told(error)}") from error


def _input_size(session: Any, model: str) -> tuple[int, int] | None:
    """Return the (width, height) of the pictures that the model takes, `None` if it takes any."""
    inputs = session.get_inputs()
    shape = inputs[0].shape if len(inputs) == 1 else []
    if len(shape) != 4 or inputs[0].type != "tensor(float)" or shape[1] != 3:  # noqa: PLR2004
        told = ", ".join(f"{each.type} {each.shape}" for each in inputs)
        raise _unfit(model, f"takes {told or 'nothing'}, not float32 of shape (1, 3, height, width)")
    if isinstance(shape[0], int) and shape[0] != 1:
        raise _unfit(model, f"takes {shape[0]} pictures at a time, not one")
    if not any(isinstance(side, int) for side in shape[2:]):
        return None
    height, width = (side if isinstance(side, int) else SHORT_SIDE for side in shape[2:])
    return width, height


def _run(session: Any, tensor: NDArray[np.float32]) -> Any:
    # One picture at a time: in a batch the same picture may give another last digit.
    return session.run(None, {session.get_inputs()[0].name: tensor})[0]


def _tensor(pixels: NDArray[np.uint8], size: tuple[int, int] | None) -> NDArray[np.float32]:
    """Return a (height, width, 3) picture as the model takes it: float32 (1, 3, height, width)."""
    from PIL import Image  # noqa: PLC0415 - `algorithm` needs none

    picture = Image.fromarray(pixels)
    reduced = picture.resize(size or _open_size(*picture.size), Image.Resampling.BILINEAR)
    resized = np.asarray(reduced, np.float32)
    normal = (resized / np.float32(255) - _MEAN) / _DEVIATION
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[np.newaxis])


def _open_size(width: int, height: int) -> tuple[int, int]:
    """Return the (width, height) at which a model sees a picture if it takes any."""
    scale = SHORT_SIDE / min(width, height)
    return min(LONG_SIDE, round(width * scale)), min(LONG_SIDE, round(height * scale))


def _kind(output: object) -> str:
    return f"{output.dtype} of shape {output.shape}" if isinstance(output, np.ndarray) else "no tensor"


def _unfit(model: str, fault: str) -> SettingsError:
    return SettingsError(f"embedding_model {model!r} {fault}.", _ADVICE)


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:_MAX_DETAIL].rstrip(".")
