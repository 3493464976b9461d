"""What a manifest declares, as clean and bounded texts. None of it is checked here, and none of it is thereby true."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from provenance.evidence.credentials.states import failures, time_is_trusted
from provenance.evidence.credentials.values import bounded, listed, mapping, text
from provenance.model.file_facts import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ACTIONS = 50
"""Actions that are told."""

MOST_INGREDIENTS = 50
"""Ingredients that are told."""

MOST_TYPES = 20
"""Digital source types that are told; IPTC has about as many."""

CREATED = "c2pa.created"
"""The action that tells how the picture began. Of any other, a source type tells of what that action brought in."""

GENERATED = frozenset({"trainedAlgorithmicMedia", "trainedAlgorithmicData"})
PARTLY_GENERATED = "compositeWithTrainedAlgorithmicMedia"

_WORKS = ("stds.schema-org.CreativeWork", "stds.iptc", "c2pa.metadata", "cawg.metadata")
"""Assertions, by how their labels begin, that describe the picture as a whole."""
_WORK_KEYS = ("digitalSourceType", "Iptc4xmpExt:DigitalSourceType")


class Told(TypedDict):
    """The fields of `Credentials` that a manifest fills."""

    signer: str
    issuer: str
    generator: str
    title: str
    signed: datetime | None
    actions: tuple[str, ...]
    ingredients: tuple[str, ...]
    source_types: tuple[str, ...]


def told(store: dict[str, Any]) -> Told:
    """Return what the active manifest declares, and the source types that it takes over from what it was made of."""
    manifests = mapping(store.get("manifests"))
    active = mapping(manifests.get(str(store.get("active_manifest"))))
    signature = mapping(active.get("signature_info"))
    return Told(
        signer=text(signature.get("common_name")),
        issuer=text(signature.get("issuer")),
        generator=_generator(active),
        title=text(active.get("title")),
        signed=_moment(signature.get("time")) if time_is_trusted(store) else None,
        actions=bounded(list(_actions(active)), MOST_ACTIONS, _action),
        ingredients=bounded(
            listed(active.get("ingredients")),
            MOST_INGREDIENTS,
            lambda ingredient: _ingredient(mapping(ingredient), manifests),
        ),
        source_types=bounded(
            list(dict.fromkeys(filter(None, _all_types(active, manifests)))), MOST_TYPES, str
        ),
    )


def _all_types(active: dict[str, Any], manifests: dict[str, Any]) -> Iterator[str]:
    """Yield the source types of a manifest and of its parents: what a picture was before, it is after an edit.

    A component declared to be generated makes the picture one with generated parts.
    """
    generated = {label for label, m in manifests.items() if GENERATED.intersection(_types(mapping(m)))}
    manifest, seen = active, set[str]()
    while True:
        yield from _types(manifest)
        if generated.intersection(_related(manifest, "componentOf")):
            yield PARTLY_GENERATED
        parent = next(iter(_related(manifest, "parentOf")), "")
        if not parent or parent in seen:
            return
        seen.add(parent)
        manifest = mapping(manifests.get(parent))


def _related(manifest: dict[str, Any], relationship: str) -> tuple[str, ...]:
    """Return the labels of the ingredients' own manifests, each once, without those that did not hold."""
    ingredients = map(mapping, listed(manifest.get("ingredients")))
    labels = (
        text(i.get("active_manifest"))
        for i in ingredients
        if i.get("relationship") == relationship and not failures(i.get("validation_results"))
    )
    return tuple(dict.fromkeys(filter(None, labels)))


def _types(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the source types that one manifest states itself."""
    for action in _actions(manifest):
        kind = _last_part(action.get("digitalSourceType"))
        yield PARTLY_GENERATED if kind in GENERATED and action.get("action") != CREATED else kind
    for assertion in map(mapping, listed(manifest.get("assertions"))):
        if str(assertion.get("label")).startswith(_WORKS):
            data = mapping(assertion.get("data"))
            yield from (_last_part(data.get(key)) for key in _WORK_KEYS)


def _actions(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for assertion in map(mapping, listed(manifest.get("assertions"))):
        if str(assertion.get("label")).startswith("c2pa.actions"):
            yield from map(mapping, listed(mapping(assertion.get("data")).get("actions")))


def _action(action: dict[str, Any]) -> str:
    """Return e.g. "c2pa.edited: 2024-11-29T10:00:00Z, Example 1.0"."""
    agent = action.get("softwareAgent")
    details = (text(action.get("when")), _named(agent), _last_part(action.get("digitalSourceType")))
    return _line(text(action.get("action")), *details)


def _ingredient(ingredient: dict[str, Any], manifests: dict[str, Any]) -> str:
    """Return e.g. "parentOf: beach.jpg, image/jpeg, signed by Example Camera, digitalCapture"."""
    own = mapping(manifests.get(text(ingredient.get("active_manifest"))))
    signature = mapping(own.get("signature_info"))
    by = text(signature.get("common_name")) or text(signature.get("issuer"))
    return _line(
        text(ingredient.get("relationship")) or "ingredient",
        text(ingredient.get("title")),
        text(ingredient.get("format")),
        f"signed by {by}" if by else "",
        *dict.fromkeys(_types(own)),
        *failures(ingredient.get("validation_results")),
    )


def _generator(manifest: dict[str, Any]) -> str:
    infos = listed(manifest.get("claim_generator_info"))
    return _named(infos[0]) if infos else text(manifest.get("claim_generator"))


def _named(agent: object) -> str:
    """Return a program with its version: it stands as a text, or as both."""
    if isinstance(agent, dict):
        return f"{text(agent.get('name'))} {text(agent.get('version'))}".strip()[:LONGEST]
    return text(agent)


def _last_part(uri: object) -> str:
    return text(uri).rstrip("/").rpartition("/")[2] if isinstance(uri, str) else ""


def _line(head: str, *details: str) -> str:
    rest = ", ".join(filter(None, details))
    return (f"{head}: {rest}" if rest else head)[:LONGEST]


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text(value))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
