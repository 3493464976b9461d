"""`provenance compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.guard import guarded
from provenance.cli.options import FailOnOption, FormatOption, PicturesOption, load_settings
from provenance.errors import ProvenanceError

if TYPE_CHECKING:
    from provenance.counterparts import Paired


@guarded()
def compare(
    query: Annotated[Path, typer.Argument(metavar="A", help="The photo in question.")],
    reference: Annotated[Path, typer.Argument(metavar="B", help="The earlier photo to hold it against.")],
    format: FormatOption = "text",
    fail_on: FailOnOption = None,
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
    from provenance.cli.policy import baseline_of, under_policy
    from provenance.judgement import compared
    from provenance.verdict.policy import outcome

    policy = load_settings(fail_on=fail_on).policy
    to_stdout, baseline = pair_reporter(format), baseline_of(policy)
    paired = _paired(query, reference, pictures=pictures is not None)
    if pictures:
        write_pictures(pictures, paired.pictures)
    (result,) = under_policy(policy, baseline, [compared(str(query), paired)])
    sys.stdout.write(to_stdout(result, paired.reference))
    sys.stdout.flush()
    raise SystemExit(outcome([result], [], policy))


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
