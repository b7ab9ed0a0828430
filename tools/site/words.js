"use strict";
// What the page says, in the reader's language. The template `Row ${row}`, with said before it, is
// looked for as "Row {0}" in WORDS. A page in another language than English has them from pages.py.

var WORDS = globalThis.WORDS ?? {};

function said(parts, ...values) {
  const message = parts.reduce((text, part, i) => `${text}{${i - 1}}${part}`);
  return (WORDS[message] ?? message).replace(/\{(\d+)\}/g, (_, i) => values[i]);
}
