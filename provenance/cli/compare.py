"""`provenance compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.check import exit_code
from provenance.cli.guard import guarded
from provenance.cli.options import FailOn, FailOnOption, FormatOption, PicturesOption
from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from provenance.counterparts import Paired


@guarded()
def compare(
    query: Annotated[Path, typer.Argument(metavar="A", help="The photo in question.")],
    reference: Annotated[Path, typer.Argument(metavar="B", help="The earlier photo to hold it against.")],
    format: FormatOption = "text",
    fail_on: FailOnOption = FailOn.ERROR,
    pictures: PicturesOption = None,
) -> None:
    """Compare two photos: is A made from B, and what differs, where, and how surely?

    No archive is needed. Places are given in pixels of A, counted from its upper left corner.

    \b
    Examples:
      provenance compare viral.jpg original.jpg
      provenance compare viral.jpg original.jpg --pictures evidence/ --format json
    """
    from provenance.cli.outputs import pair_reporter
    from provenance.cli.pictures import write_pictures
    from provenance.judgement import compared

    to_stdout = pair_reporter(format)
    paired = _paired(query, reference, pictures=pictures is not None)
    if pictures:
        write_pictures(pictures, paired.pictures)
    result = compared(str(query), paired)
    sys.stdout.write(to_stdout(result, paired.reference))
    sys.stdout.flush()
    raise SystemExit(exit_code([result], [], fail_on))


def _paired(query: Path, reference: Path, *, pictures: bool) -> Paired:
    from provenance.counterparts import pairing_pool
    from provenance.model import Sighting, Submission
    from provenance.photo.pool import Failure

    files = tuple(Submission(path, str(path), Sighting(str(path), str(path))) for path in (query, reference))
    with pairing_pool(pictures=pictures) as pool:
        ((_, paired),) = pool.map([(files[0], files[1])], workers=1)
    if isinstance(paired, Failure):
        raise ProvenanceError(f"The two cannot be compared: {paired.reason}.")
    return paired
