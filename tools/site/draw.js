"use strict";
// The page draw.html: reads its controls, lets forward.js compute, says and shows the result.

const $ = (id) => document.getElementById(id);
const number = (id) => Number($(id).value) || 0;
const SIDE = 28;
const ENLARGED = 11; // how large a pixel of the big pictures is
const GAP = 2; // pixels between two digits
const PUSHES = ["push0", "push1", "push2"];
const PAUSE = 80; // ms without a change before the slow pictures are drawn

const state = {
  model: null, // name of the generator whose weights are here
  w: null, // its weights
  judge: null, // the judge's weights, once they are here
  other: 3, // the label whose difference picture is shown
  one: null, // the steered digit's 784 pixels
  tens: null, // the same noise under ten labels
  later: 0, // timer of the slow pictures
  frame: 0, // the next animation frame that is asked for
  section: null, // where the learner acted last
};

// ---- what the controls ask for ----

function pushed(noise) {
  const z = Float64Array.from(noise);
  weights[state.model].directions.forEach((direction, k) => {
    const far = number(PUSHES[k]);
    direction.forEach((value, i) => { z[i] += far * value; });
  });
  return z;
}

// Noise number `seed`, and one for each further place of a row of digits
function noiseOf(seed, place = 0) {
  return randomFrom(seed + 10007 * place).normals(forward.LATENT);
}

function mixture() {
  const share = number("share") / 100;
  const shares = forward.oneHot(number("label")).map((value) => (1 - share) * value);
  shares[number("second")] += share;
  return shares;
}

function draw(noise, label) {
  return forward.draw(state.model, state.w, noise, label);
}

// The twin of sampling.latent_path: angle and length change evenly (White 2016, arXiv 1609.04468)
function onTheArc(start, end, share) {
  const lengths = [start, end].map((z) => Math.hypot(...z));
  const cosine = start.reduce((sum, value, i) => sum + value * end[i], 0) / lengths[0] / lengths[1];
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const length = (1 - share) * lengths[0] + share * lengths[1];
  const parts = [Math.sin((1 - share) * angle), Math.sin(share * angle)];
  return start.map((value, i) => {
    const way = parts[0] * (value / lengths[0]) + parts[1] * (end[i] / lengths[1]);
    return (length * way) / Math.sin(angle);
  });
}

// ---- pictures ----

// Pictures of 784 pixels side by side, dark on white
function paintTiles(canvas, tiles, columns, enlarged) {
  const step = SIDE + GAP;
  canvas.width = step * Math.max(1, Math.min(columns, tiles.length)) - GAP;
  canvas.height = step * Math.max(1, Math.ceil(tiles.length / columns)) - GAP;
  canvas.style.width = `${enlarged * canvas.width}px`;
  const context = canvas.getContext("2d");
  tiles.forEach((pixels, k) => {
    const image = new ImageData(SIDE, SIDE);
    pixels.forEach((ink, i) => image.data.set([255 - ink, 255 - ink, 255 - ink, 255], 4 * i));
    context.putImageData(image, step * (k % columns), step * Math.floor(k / columns));
  });
}

// One large picture; colour(i) is that of pixel i
function paintLarge(canvas, colour, marked) {
  const context = canvas.getContext("2d");
  for (let i = 0; i < SIDE * SIDE; i++) {
    context.fillStyle = colour(i);
    context.fillRect(ENLARGED * (i % SIDE), ENLARGED * Math.floor(i / SIDE), ENLARGED, ENLARGED);
  }
  if (!marked) return;
  const [x, y] = [ENLARGED * number("column"), ENLARGED * number("row")];
  for (const [style, wide] of [["#ffffff", 5], ["#d55e00", 2.5]]) {
    context.strokeStyle = style;
    context.lineWidth = wide;
    context.strokeRect(x - 1, y - 1, ENLARGED + 2, ENLARGED + 2);
  }
}

const grey = (ink) => `rgb(${255 - ink}, ${255 - ink}, ${255 - ink})`;

// More ink: white to orange; less: white to blue
function warmth(change) {
  const end = change > 0 ? [200, 80, 0] : [0, 100, 170];
  const share = Math.min(1, Math.abs(change) / 255);
  return `rgb(${end.map((value) => Math.round(255 + share * (value - 255))).join(", ")})`;
}

// ---- words ----

// A live region is changed only when it has something new to say
function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

const playing = () => $("play").getAttribute("aria-pressed") === "true";

// One slider changes the words of six sections. Only those where the learner acts are read aloud,
// and those of the film only while it stands still.
function listenTo(section) {
  state.section = section ?? state.section;
  for (const words of document.querySelectorAll(".said")) {
    const here = words.closest("section") === state.section;
    const moving = words.id === "film-said" && playing();
    words.setAttribute("aria-live", here && !moving ? "polite" : "off");
  }
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function asked() {
  const share = number("share");
  const [first, second] = [number("label"), number("second")];
  if (share === 0 || first === second) return said`the digit ${first}`;
  return said`${100 - share} % of the digit ${first} and ${share} % of the digit ${second}`;
}

function readWords(pixels) {
  if (!state.judge) return said`the judge is still loading`;
  const { digit, probabilities } = forward.read(state.judge, pixels);
  const rest = probabilities.map((p, k) => [p, k]).filter(([, k]) => k !== digit);
  const [p, next] = rest.reduce((a, b) => (b[0] > a[0] ? b : a));
  const sure = percent(probabilities[digit]);
  if (p < 0.001) return said`the judge reads ${digit} (${sure})`;
  return said`the judge reads ${digit} (${sure}), then ${next} (${percent(p)})`;
}

// ---- the sections ----

function showOne() {
  state.one = draw(pushed(noiseOf(number("seed"))), mixture());
  const words = readWords(state.one);
  paintOne();
  $("one-picture").setAttribute("aria-label", said`Asked for ${asked()}; ${words}.`);
  say("one-said", said`Asked for ${asked()}: ${words}.`);
}

function paintOne() {
  paintLarge($("one-picture"), (i) => grey(state.one[i]), true);
}

function showYear() {
  const digits = [...$("year").value].filter((c) => c >= "0" && c <= "9").map(Number);
  const seed = number("seed");
  const tiles = digits.map((digit, place) => draw(pushed(noiseOf(seed, place)), digit));
  paintTiles($("year-picture"), tiles, 8, 3);
  $("year-picture").hidden = digits.length === 0;
  if (digits.length === 0) {
    say("year-said", said`No digit is asked for: type some, for example 1998.`);
    return;
  }
  const name = said`The digits ${digits.join(" ")}, drawn by ${state.model}.`;
  $("year-picture").setAttribute("aria-label", name);
  if (!state.judge) return;
  const read = tiles.map((tile) => forward.read(state.judge, tile));
  const each = read.map((one) => `${one.digit} (${percent(one.probabilities[one.digit])})`);
  const right = read.filter(({ digit }, k) => digit === digits[k]).length;
  const all = each.join(", ");
  say("year-said", said`The judge reads ${all}: ${right} of ${digits.length} as asked.`);
}

function showTen() {
  const z = pushed(noiseOf(number("seed")));
  state.tens = forward.oneHot(0).map((_, label) => draw(z, label));
  paintTiles($("ten-picture"), state.tens, 5, 3);
  const rows = said`Two rows of five digits from one noise, asked for 0 to 9, drawn by ${state.model}.`;
  $("ten-picture").setAttribute("aria-label", rows);
  if (!state.judge) return;
  const read = state.tens.map((tile) => forward.read(state.judge, tile).digit);
  const right = read.filter((digit, label) => digit === label).length;
  say("ten-said", said`The judge reads ${read.join(", ")}: ${right} of 10 as asked.`);
}

const signed = (change) => (change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "0");

function showPixel() {
  if (!state.tens) return;
  const [row, column] = [number("row"), number("column")];
  const place = SIDE * row + column;
  const ink = state.one[place];
  const changes = state.tens.map((tile) => tile[place] - ink);
  [...$("bars").rows].forEach((line, label) => {
    const change = changes[label];
    const bar = line.querySelector("rect:last-child");
    bar.setAttribute("class", change > 0 ? "more" : "less");
    bar.setAttribute("x", 255 + Math.min(0, change));
    bar.setAttribute("width", Math.abs(change));
    line.querySelector(".number").textContent = signed(change);
  });
  const raised = changes.indexOf(Math.max(...changes));
  const lowered = changes.indexOf(Math.min(...changes));
  const [up, down] = [changes[raised], -changes[lowered]];
  const words = [said`Row ${row}, column ${column} holds ${ink} of 255 of ink.`];
  if (up > 0) words.push(said`Label ${raised} raises it most, by ${up}.`);
  if (down > 0) words.push(said`Label ${lowered} lowers it most, by ${down}.`);
  if (words.length === 1) words.push(said`No label changes it.`);
  say("pixel-said", words.join(" "));
}

function showOther() {
  if (!state.tens) return;
  const change = Array.from(state.tens[state.other], (ink, i) => ink - state.one[i]);
  paintLarge($("other-picture"), (i) => warmth(change[i]), true);
  const more = change.filter((value) => value > 25).length;
  const less = change.filter((value) => value < -25).length;
  const counts = said`${more} pixels gain more than 25 of ink, ${less} lose more than 25`;
  const words = said`Label ${state.other} instead of ${asked()}: ${counts}.`;
  $("other-picture").setAttribute("aria-label", said`Difference picture. ${words}`);
  say("other-said", words);
  for (const button of $("bars").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", Number(button.dataset.label) === state.other);
  }
}

function showFilm() {
  const ends = [number("seed"), number("seed") + 1].map((seed) => pushed(noiseOf(seed)));
  const share = number("film") / 100;
  const pixels = draw(onTheArc(...ends, share), mixture());
  paintLarge($("film-picture"), (i) => grey(pixels[i]), false);
  const place = said`${number("film")} % of the way to the next noise`;
  const words = said`Asked for ${asked()}, ${place}: ${readWords(pixels)}.`;
  $("film-picture").setAttribute("aria-label", words);
  say("film-said", words);
}

// ---- when ----

// The steered digit at once, all the others when the sliders rest. A hidden page gets no frame, so
// the digit is drawn then, too.
function redraw() {
  if (!state.w) return;
  cancelAnimationFrame(state.frame);
  state.frame = requestAnimationFrame(showOne);
  clearTimeout(state.later);
  state.later = setTimeout(() => {
    for (const show of [showOne, showYear, showTen, showPixel, showOther, showFilm]) show();
    document.body.dataset.ready = state.judge ? "judged" : "drawn";
  }, PAUSE);
}

async function useModel() {
  const name = $("model").value;
  say("year-said", said`Loading ${name}…`);
  try {
    const w = await forward.load(name);
    if ($("model").value !== name) return; // another was chosen in the meantime
    [state.model, state.w] = [name, w];
    redraw();
    state.judge = await forward.load("judge");
    redraw();
  } catch (error) {
    say("year-said", said`Nothing can be drawn: ${error.message}.`);
  }
}

function play() {
  $("play").setAttribute("aria-pressed", !playing());
  listenTo();
  if (!state.w) return;
  const began = performance.now() - 60 * number("film");
  const step = (now) => {
    if (!playing()) return;
    const place = Math.max(0, Math.round((now - began) / 60)) % 200; // 6 s there, 6 s back
    $("film").value = place <= 100 ? place : 200 - place;
    showValues();
    showFilm();
    requestAnimationFrame(step);
  };
  if (playing()) requestAnimationFrame(step);
  else showFilm();
}

function showValues() {
  for (const span of document.querySelectorAll("[data-of]")) {
    span.textContent = $(span.dataset.of).value.replace("-", "−") + (span.dataset.unit || "");
  }
}

function pick(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const place = (at, start, size) => Math.floor((SIDE * (at - start)) / size);
  $("column").value = place(event.clientX, box.left, box.width);
  $("row").value = place(event.clientY, box.top, box.height);
  movePixel();
}

function movePixel() {
  showValues();
  if (!state.one) return;
  paintOne();
  showPixel();
  showOther();
}

function buildLists() {
  for (let label = 0; label < forward.CLASSES; label++) {
    $("label").add(new Option(label, label, label === 5, label === 5));
    $("second").add(new Option(label, label, label === 8, label === 8));
    const line = $("bars").insertRow();
    line.innerHTML = `<th scope="row">
      <button type="button" data-label="${label}">${said`label ${label}`}</button></th>
      <td class="bar"><svg viewBox="0 0 510 20" preserveAspectRatio="none" aria-hidden="true">
      <rect class="zero" x="254" y="0" width="2" height="20"/>
      <rect class="more" x="255" y="3" width="0" height="14"/></svg></td>
      <td class="number"></td>`;
  }
}

function listen() {
  for (const act of ["focusin", "click", "input"]) {
    const heard = (event) => listenTo(event.target.closest("section"));
    document.addEventListener(act, heard, { capture: true });
  }
  for (const id of ["year", "seed", "label", "second", "share", ...PUSHES]) {
    $(id).addEventListener("input", () => { showValues(); redraw(); });
  }
  for (const id of ["row", "column"]) $(id).addEventListener("input", movePixel);
  $("film").addEventListener("input", () => { showValues(); if (state.w) showFilm(); });
  $("model").addEventListener("change", useModel);
  for (const id of ["one-picture", "other-picture"]) $(id).addEventListener("click", pick);
  $("play").addEventListener("click", play);
  $("new").addEventListener("click", () => {
    $("seed").value = (number("seed") + 1) % 10000;
    redraw();
  });
  $("home").addEventListener("click", () => {
    for (const id of ["share", ...PUSHES]) $(id).value = 0;
    showValues();
    redraw();
  });
  $("bars").addEventListener("click", (event) => {
    if (!event.target.dataset.label) return;
    state.other = Number(event.target.dataset.label);
    showOther();
  });
}

buildLists();
listen();
listenTo($("year").closest("section"));
showValues();
useModel();
