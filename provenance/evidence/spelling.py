"""One spelling for the many of a name: across marks, hyphens, apostrophes, articles and transliterations."""

from __future__ import annotations

import re
import unicodedata

_DROPPED = re.compile(
    "["
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"  # marks on letters
    "'`´\u2018-\u201b\u2032\u02b0-\u02ff\u05f3\u055a"  # apostrophes, and the letters that stand for them
    "\u0640\u00ad\u200b-\u200f\u2060-\u2069\ufeff"  # tatweel, and what is invisible
    "]+"
)
_BETWEEN_WORDS = re.compile(r"[^\w\n ]+")
_ARABIC_ARTICLE = re.compile(r"ال(?<!\w..)(?=\w\w)")
_ALIKE = (
    ("_", " "),
    ("ى", "ي"),
    ("ی", "ي"),
    ("ک", "ك"),
    ("ة", "ه"),
    ("ı", "i"),
    ("ł", "l"),
    ("ø", "o"),
    ("đ", "d"),
    ("ə", "e"),
)

_TRANSLITERATIONS = (
    (re.compile(r"\b(?:[aeiu]l|[ae][nrstdz]|[ae]sh|[ae]dh)\b +"), ""),  # al-, an-, ash-: the Arabic article
    (re.compile(r"[ae][iy]"), "Y"),
    (re.compile(r"o[uo]|o"), "u"),
    (re.compile(r"ee"), "i"),
    (re.compile(r"e"), "a"),
    (re.compile(r"q"), "k"),
    (re.compile(r"([^\W\d_])\1+"), r"\1"),
    (re.compile(r"(?<=a)h\b"), ""),
)


def words(text: str) -> str:
    """Return the words of `text` folded, with spaces between them; each line on its own."""
    text = _DROPPED.sub("", unicodedata.normalize("NFKD", text).casefold())
    for written, folded in _ALIKE:
        text = text.replace(written, folded)
    return _ARABIC_ARTICLE.sub("", _BETWEEN_WORDS.sub(" ", text))


def key(folded: str) -> str:
    """Return what two spellings of one name share; `folded` comes from `words`."""
    return folded.replace(" ", "")


def loose_key(folded: str) -> str:
    """Return what transliterations of one Arabic name share: Ma'arrat an-Nu'man, Maarat al-Numan."""
    for written, alike in _TRANSLITERATIONS:
        folded = written.sub(alike, folded)
    return key(folded)
