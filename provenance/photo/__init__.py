"""Bytes to `Photo`: the only room that decodes.

- `photo.limits`: `Limits`, the bounds that every decoding keeps, and their defaults.
- `photo.decode`: `decode(data) -> Photo`, and `photo.preview`: `preview(photo)`, a small JPEG of it.
- `photo.pool`: `Pool`, which decodes in child processes, and `Failure`, its outcome where that is impossible.

Nothing is imported here: the process that runs a check never decodes, so it should not pay for the decoders.
"""

__all__ = ["decode", "limits", "pool", "preview"]
