"""The words of the interactive pages in tools/site: where they stand, and how they are replaced."""

import json
import re

from bs4 import BeautifulSoup, NavigableString

# What may hold a whole text; what stands inside one, such as <i>, belongs to its text.
TEXTS = ("title", "h1", "h2", "h3", "p", "li", "a", "span", "label", "option", "button", "th")
TEXTS += ("caption",)
NAME = "aria-label"
# In a script: said`...`, with its values in ${...}.
SAID = re.compile(r"\bsaid`((?:[^`$]|\$\{[^}]*\})*)`")
VALUE = re.compile(r"\$\{[^}]*\}")


def in_page(html):
    """Return the texts of a page, with the marks that are inside them, and the names of its parts.

    ``html``: the page's source.
    """
    soup = BeautifulSoup(html, "html.parser")
    texts = [text_of(element) for element in elements(soup)]
    return [*texts, *(element[NAME] for element in soup.find_all(attrs={NAME: True}))]


def in_script(source):
    """Return the messages of a script, with {0}, {1}, ... for their values."""
    return [numbered(text) for text in SAID.findall(source)]


def elements(soup):
    """Yield the outermost elements of `TEXTS` that have a text of their own, not in their parts."""
    found = set()
    for element in soup.find_all(TEXTS):
        own = "".join(part for part in element.children if type(part) is NavigableString)
        foreign = element.get("hreflang")  # a name in its own language
        if re.search("[A-Za-z]", own) and not foreign and not found & set(element.parents):
            found.add(element)
            yield element


def text_of(element):
    """Return the text of an element, its lines joined."""
    return " ".join(element.decode_contents().split())


def numbered(text):
    """Return ``text`` with {0}, {1}, ... in the places of ${...}."""
    parts = VALUE.split(text)
    return "".join(f"{part}{{{i}}}" for i, part in enumerate(parts[:-1])) + parts[-1]


def replaced(html, scripts, said):
    """Return a BeautifulSoup of a page in the words of ``said``, a function of a text.

    ``html``: the page's source; ``scripts``: the sources of what it loads, whose messages are put
    into the page as WORDS, which words.js reads.
    """
    soup = BeautifulSoup(html, "html.parser")
    for element in list(elements(soup)):
        words = BeautifulSoup(said(text_of(element)), "html.parser")
        element.clear()
        element.append(words)
    for element in soup.find_all(attrs={NAME: True}):
        element[NAME] = said(element[NAME])
    messages = {text: said(text) for source in scripts for text in in_script(source)}
    words = soup.new_tag("script")
    words.string = f"var WORDS = {json.dumps(messages, ensure_ascii=False, indent=1)};"
    soup.find("script").insert_before(words, "\n")
    return soup
