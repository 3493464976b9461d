"""Marks that programs and platforms are known to leave, each with where that is documented.

A mark says what wrote it, if it is genuine; anybody can copy one.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.file_facts import FactSource


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a text stands, how it begins (empty: anyhow), and what that commonly means."""

    source: FactSource
    name: str
    begins: str
    meaning: str


TRACES: tuple[Trace, ...] = (
    # https://stackoverflow.com/questions/31120222: in pictures from Facebook since November 2014
    Trace(
        FactSource.IPTC,
        "2:040 Special Instructions",
        "FBMD",
        "a mark that Facebook writes into pictures shown there",
    ),
    # https://docs.comfy.org/development/api-development/workflow-metadata
    Trace(
        FactSource.STRUCTURE,
        "PNG workflow",
        "{",
        "the form in which ComfyUI, an image generator, keeps its workflow",
    ),
    Trace(
        FactSource.STRUCTURE,
        "PNG prompt",
        "{",
        "the form in which ComfyUI, an image generator, keeps its prompt",
    ),
    # https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features, "PNG info"
    Trace(
        FactSource.STRUCTURE,
        "PNG parameters",
        "",
        "the field in which Stable Diffusion web UI, an image generator, keeps its settings",
    ),
    # https://github.com/libgd/libgd, src/gd_jpeg.c
    Trace(
        FactSource.STRUCTURE,
        "JPEG comment",
        "CREATOR: gd-jpeg",
        "the GD library saved it, as many web sites do",
    ),
    # https://cv.iptc.org/newscodes/digitalsourcetype
    Trace(
        FactSource.XMP,
        "Iptc4xmpExt:DigitalSourceType",
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "declared as made by a generative model",
    ),
    Trace(
        FactSource.XMP,
        "Iptc4xmpExt:DigitalSourceType",
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
        "declared as partly made by a generative model",
    ),
)


def known_trace(source: FactSource, name: str, text: str) -> str:
    """Return what a text commonly means where a program or platform is known for it, else nothing."""
    return next(
        (t.meaning for t in TRACES if t.source is source and t.name == name and text.startswith(t.begins)), ""
    )
