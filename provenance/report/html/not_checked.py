"""What a check did not look at, photo by photo: a page that leaves this out says more than was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import Against, ChangeOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.model import Match, Report, Result, Skipped
    from provenance.report.html.languages import Language


def not_checked(report: Report, result: Result, language: Language) -> Iterator[str]:
    """Yield what was not checked of one photo, what weighs most first."""
    yield language.count(
        "Anything outside this archive, which holds %(n)s image: no other archive, no search engine, no website.",
        "Anything outside this archive, which holds %(n)s images: no other archive, no search engine, no website.",
        report.archive.images,
    )
    yield from _changes([match for match in result.matches if match.kind.is_copy], language)
    yield language.say(
        "Whether what the claim, the sightings or the file state is true: that is for a person."
    )
    yield language.say(
        "The thumbnail embedded in the file, and hints in its pixels: `provenance inspect --hints` looks at both."
    )
    yield language.say("Frames after the first of an animation, but for their hashes.")
    yield language.say("Whether a trained model made the picture, beyond what the file itself declares.")


def _changes(copies: Sequence[Match], language: Language) -> Iterator[str]:
    if not copies:
        yield language.say(
            "Whether anything in the picture was changed: there is no earlier copy to compare it with."
        )
        return
    unseen = sum(not match.confirmed for match in copies)
    if unseen:
        yield language.count(
            "Whether %(n)s match is a copy or another photo of the scene: the archive has no picture of it.",
            "Whether %(n)s matches are copies or other photos of the scene: the archive has no picture of them.",
            unseen,
        )
        copies = [match for match in copies if match.confirmed]
        if not copies:
            return
    compared = [
        m.alteration for m in copies if m.alteration and m.alteration.outcome is ChangeOutcome.COMPARED
    ]
    if all(match.alteration is None for match in copies):
        yield language.say(
            "Whether anything in the picture was changed: no match was compared for that (with `--fast`, none is)."
        )
    elif len(compared) < len(copies):
        yield language.count(
            "Whether anything was changed against %(n)s of the matches: the two were not compared, or could not be.",
            "Whether anything was changed against %(n)s of the matches: the two were not compared, or could not be.",
            len(copies) - len(compared),
        )
    small = sum(alteration.against is Against.PREVIEW for alteration in compared)
    if small:
        yield language.count(
            "Small or faint changes against %(n)s match: only the archive's small preview of it was at hand.",
            "Small or faint changes against %(n)s matches: only the archive's small previews of them were at hand.",
            small,
        )


def skipped_of(report: Report, result: Result) -> list[Skipped]:
    """Return what was left out of this photo's own check."""
    return [skipped for skipped in report.skipped if skipped.path == result.path]
