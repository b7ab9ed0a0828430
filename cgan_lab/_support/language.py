"""The language in which a learner is spoken to: English, or one for which a catalogue ships."""

import functools
import gettext
import os
import re
from pathlib import Path

LANGUAGES = ("en", "zh")
PLACE = re.compile(r"\\\{\d*\\\}")  # a value in an escaped message
BREAK = re.compile(r"(?<=[.:;,!?]) |\n")
HAN = re.compile("[\u3000-\u9fff\uff00-\uffef]")


def chosen():
    """Return the language: of the variable ``CGAN_LAB_LANG``, or of the edition that is open.

    JupyterLab tells a kernel its notebook's path; the Chinese lessons are in a folder ``zh``.
    """
    named = os.environ.get("CGAN_LAB_LANG", "").lower()
    folder = Path(os.environ.get("JPY_SESSION_NAME", "")).parent.name
    return next((one for one in (named, folder) if one in LANGUAGES), "en")


def said(text):
    """Return ``text``, what the course says, in the learner's language; English if it has none.

    Sentences that were put together are looked for one by one. A message with values is known by
    what stands between them, and the values are looked for in turn.
    """
    language = chosen()
    return text if language == "en" or not text.strip() else _said(text, language)


@functools.lru_cache(1000)
def _said(text, language):
    whole = _whole(text, language)
    if whole is not None:
        return whole
    for place in reversed(list(BREAK.finditer(text))):
        first = _whole(text[: place.start()], language)
        if first is not None:
            rest = _said(text[place.end() :], language)
            gap = "" if place[0] == " " and HAN.match(first[-1:]) else place[0]
            return first + gap + rest
    return text


def _whole(text, language):
    """Return the translation of a message, or None."""
    known, templates = _catalogue(language)
    core = text.strip()
    if core in known:
        return known[core]
    for pattern, translation in templates:
        if match := pattern.fullmatch(core):
            values = [_said(value, language) for value in match.groups()]
            return _filled(translation, values)
    return None


def _filled(translation, values):
    return re.sub(r"\{(\d+)\}", lambda place: values[int(place[1])], translation)


@functools.cache
def _catalogue(language):
    """Return ({message: translation}, [(pattern, translation)], the most telling pattern first)."""
    file = Path(__file__).resolve().parents[1] / "assets" / f"{language}.mo"
    if not file.is_file():
        return {}, []
    with open(file, "rb") as stream:
        known = gettext.GNUTranslations(stream)._catalog  # gettext has no list of its messages
    known = {text.strip(): translation.strip() for text, translation in known.items() if text}
    with_values = [text for text in known if "{0}" in text]
    with_values.sort(key=lambda text: -len(re.sub(r"\{\d+\}", "", text)))
    return known, [(_pattern(text), known[text]) for text in with_values]


def _pattern(text):
    return re.compile(PLACE.sub("(.*?)", re.escape(text)), re.DOTALL)
