// Finds the sections in which all words stand. The index is in the page, so that no server is needed.
const MOST = 40;
const WORD = 20; // letters at most
const AROUND = 90; // letters before the first word found, and twice as many after it
const { pages, sections, said } = JSON.parse(document.getElementById("index").textContent);
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
  // A whole word is first, and last, where there are spaces.
  const space = section.text.slice(wanted, wanted + WORD).indexOf(" ");
  const from = wanted ? wanted + space + 1 : 0;
  const end = from + 3 * AROUND;
  const until = section.text.lastIndexOf(" ", end) > end - WORD ? section.text.lastIndexOf(" ", end) : end;
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
  const sentence = hits.length === 1 ? said.one : hits.length > MOST ? said.most : said.some;
  const values = [hits.length, field.value.trim(), MOST];
  found.textContent = words.length ? sentence.replace(/\{(\d)\}/g, (_, k) => values[k]) : said.none;
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
