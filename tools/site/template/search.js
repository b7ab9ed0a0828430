// Finds the sections in which all words stand. The index is in the page, so that no server is needed.
const MOST = 40;
const AROUND = 90; // letters before the first word found, and twice as many after it
const { pages, sections } = JSON.parse(document.getElementById("index").textContent);
const field = document.getElementById("q");
const results = document.getElementById("results");
const found = document.getElementById("found");

// Without accents and capitals: frechet finds Fréchet.
const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const ready = sections.map(([page, anchor, heading, text]) => ({
  page, anchor, heading, text, words: plain(text), title: plain(heading),
}));

function points(section, words) {
  let sum = 0;
  for (const word of words) {
    const often = section.words.split(word).length - 1;
    const named = section.title.includes(word);
    if (!often && !named) return 0;
    sum += Math.min(often, 5) + (named ? 10 : 0);
  }
  return sum;
}

function item(section, words) {
  const link = document.createElement("a");
  const [file, title] = pages[section.page];
  link.href = `${file}#${encodeURIComponent(section.anchor)}`;
  link.textContent = section.heading === title ? title : `${title}: ${section.heading}`;
  const places = words.map(word => section.words.indexOf(word)).filter(place => place >= 0);
  const wanted = places.length ? Math.max(0, Math.min(...places) - AROUND) : 0;
  const from = wanted ? section.text.indexOf(" ", wanted) + 1 : 0; // a whole word is first, and last
  const until = section.text.lastIndexOf(" ", from + 3 * AROUND);
  const whole = section.text.length <= from + 3 * AROUND;
  const excerpt = document.createElement("p");
  excerpt.textContent = (from ? "… " : "") + (whole ? section.text.slice(from) : `${section.text.slice(from, until)} …`);
  const entry = document.createElement("li");
  entry.append(link, excerpt);
  return entry;
}

function search() {
  const words = plain(field.value).split(/\s+/).filter(Boolean);
  const scored = words.length ? ready.map(section => [points(section, words), section]) : [];
  const hits = scored.filter(([sum]) => sum > 0).sort((a, b) => b[0] - a[0]);
  results.replaceChildren(...hits.slice(0, MOST).map(([, section]) => item(section, words)));
  const number = hits.length === 1 ? "1 section" : `${hits.length} sections`;
  const shown = hits.length > MOST ? `, the first ${MOST} are shown` : "";
  found.textContent = words.length ? `${number} found for “${field.value.trim()}”${shown}.` : "Type a word above.";
}

let waiting;
field.value = new URLSearchParams(location.search).get("q") ?? "";
field.addEventListener("input", () => {
  clearTimeout(waiting); // one announcement when the typing rests, not one for each letter
  waiting = setTimeout(search, 400);
});
field.form.addEventListener("submit", event => {
  event.preventDefault();
  search();
});
search();
