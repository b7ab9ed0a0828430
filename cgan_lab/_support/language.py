"""The language in which a learner is spoken to: English, or one for which a catalogue ships."""

import functools
import gettext
import os
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ASSETS = PACKAGE / "assets"
LANGUAGES = ("en", "zh")
VALUE = re.compile(r"\{\d+\}")  # in a message
SHORT = r"((?:(?![.:;](?:</b>)? ).)*?)"  # a value that ends no sentence
IN_BRACKETS = r"((?:[^()]|\([^()]*\))*?)"  # a value with a bracket behind it, such as a reason
BESIDE = re.compile(r"\{(\d+)\} ?\{\d+\}")
MOST = 40  # breaks that are tried: as many sentences come together nowhere
MARKS = dict(zip(".:;,!?", "。：；，！？", strict=True))
BREAK = re.compile(r"(?<=[.:;,!?]) |(?<=[.:;,!?]</b>) |\n")
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


def translate_errors():
    """Let a notebook show what an error of this package says in the learner's language, too.

    It stands below the traceback, whose last line stays English: that is what others have asked
    about, and what a search finds. In English, or outside a notebook, this does nothing.
    """
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if shell is not None and chosen() != "en":
        shell.set_custom_exc((Exception,), _show_error)


def _show_error(shell, kind, error, trace, tb_offset=None):
    """Show ``error`` as IPython does, with its translation as a note if this package raised it."""
    raised = trace
    while raised.tb_next:
        raised = raised.tb_next
    if PACKAGE in Path(raised.tb_frame.f_code.co_filename).parents:
        translation = said(str(error))
        if translation not in (str(error), *getattr(error, "__notes__", [])):
            error.add_note(translation)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


@functools.lru_cache(1000)
def _said(text, language):
    whole = _whole(text, language)
    if whole is not None:
        return whole
    breaks = list(BREAK.finditer(text))
    for place in reversed(breaks[:MOST]):
        first = _whole(text[: place.start()], language)
        if first is not None:
            gap = "" if place[0] == " " and HAN.match(first[-1:]) else place[0]
            return first + gap + _said(text[place.end() :], language)
    if breaks:  # what has no translation stays, and what follows it may have one
        return text[: breaks[0].end()] + _said(text[breaks[0].end() :], language)
    return text


def _whole(text, language):
    """Return the translation of a message, or None."""
    known, templates = _catalogue(language)
    core = text.strip()
    if core in known:
        return known[core]
    for telling, pattern, translation in templates:
        if telling in core and (match := pattern.fullmatch(core)):
            values = [_said(value, language) for value in match.groups()]
            return _filled(translation, values)
    if core[-1:] in MARKS:  # which the code put behind the message
        inner = _whole(core[:-1], language)
        return None if inner is None else inner + MARKS[core[-1]]
    return None


def _filled(translation, values):
    return re.sub(r"\{(\d+)\}", lambda place: values[int(place[1])], translation)


@functools.cache
def _catalogue(language):
    """Return ({message: translation}, [`_template`, ...], the most telling one first)."""
    file = ASSETS / f"{language}.mo"
    if not file.is_file():
        return {}, []
    with open(file, "rb") as stream:
        known = gettext.GNUTranslations(stream)._catalog  # gettext has no list of its messages
    known = {text.strip(): translation.strip() for text, translation in known.items() if text}
    with_values = [text for text in known if "{0}" in text]
    with_values.sort(key=lambda text: -len(VALUE.sub("", text)))
    templates = [_template(text, known[text]) for text in with_values]
    return known, [template for template in templates if template]


def _template(text, translation):
    """Return (longest part between values, pattern, translation) of a message; None if it has none.

    Values beside each other are one. A value at the very end, behind a mark, may hold sentences.
    """
    while pair := BESIDE.search(text):
        if pair[0] not in translation:
            return None
        text, translation = (one.replace(pair[0], f"{{{pair[1]}}}") for one in (text, translation))
    literal = [re.escape(part) for part in VALUE.split(text)]
    order = [int(number) for number in re.findall(r"\{(\d+)\}", text)]
    groups = [IN_BRACKETS if part.startswith(r"\)") else SHORT for part in literal[1:]]
    if not literal[-1]:
        marked = text.split("{")[-2].rstrip()[-1:] in (*MARKS, ">")
        groups[-1] = "(.*)" if marked else SHORT + r"(?<![.:;,!?])"
    pattern = literal[0] + "".join(a + b for a, b in zip(groups, literal[1:], strict=True))
    places = {str(number): str(place) for place, number in enumerate(order)}
    translation = re.sub(r"\{(\d+)\}", lambda one: f"{{{places[one[1]]}}}", translation)
    telling = max(VALUE.split(text), key=len)
    return telling, re.compile(pattern, re.DOTALL), translation
