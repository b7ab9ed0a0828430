"use strict";
// The page game.html: its buttons step the toy, its picture and words say how it stands.

const $ = (id) => document.getElementById(id);
const REACH = 3.2; // the plane is drawn from -REACH to REACH
const PLACES = 41; // D's verdict is drawn at so many places a side
const SHOWN = 60; // points of each label in the picture
const COUNTED = 100; // and in the table
const NEAR = 0.25; // a real point is covered if one of G's is so near
const PUSH = 0.4; // length of the arrow for a push of 1
const LONGEST = 1;
const COLOURS = ["#0072b2", "#d55e00", "#009e73"]; // Okabe and Ito

let toy = new Toy(0);

// The same noise and real points at all times, so that only learning moves the picture
const fixed = (() => {
  const random = randomFrom(1);
  const labels = Array.from({ length: COUNTED * LABELS.length }, (_, i) => i % LABELS.length);
  const z = labels.map(() => [random.normal(), random.normal()]);
  return { labels, z, real: realPoints(labels, random) };
})();

// ---- the picture ----

function paint(fake) {
  const canvas = $("plane");
  const context = canvas.getContext("2d");
  const scale = canvas.width / (2 * REACH);
  const at = ([x, y]) => [scale * (x + REACH), scale * (REACH - y)];
  paintGround(context, canvas.width);
  const shown = SHOWN * LABELS.length;
  fixed.labels.slice(0, shown).forEach((label, i) => {
    context.strokeStyle = COLOURS[label];
    context.lineWidth = 1.5;
    outline(context, label, ...at(fixed.real[i]));
    context.stroke();
  });
  fixed.labels.slice(0, shown).forEach((label, i) => {
    context.fillStyle = COLOURS[label];
    context.strokeStyle = "#000000";
    context.lineWidth = 0.8;
    outline(context, label, ...at(fake[i]));
    context.fill();
    context.stroke();
  });
  fixed.labels.slice(0, shown).forEach((label, i) => {
    const push = toy.push(fake[i], label).map((value) => PUSH * value);
    const shorter = Math.max(1, Math.hypot(...push) / LONGEST);
    const end = fake[i].map((value, k) => value + push[k] / shorter);
    arrow(context, at(fake[i]), at(end));
  });
}

function paintGround(context, size) {
  const label = Number($("ground").value);
  const cell = size / PLACES;
  for (let i = 0; i < PLACES; i++) {
    for (let j = 0; j < PLACES; j++) {
      const place = (k) => REACH * ((2 * k) / (PLACES - 1) - 1);
      const verdict = sigmoid(toy.logit([place(j), -place(i)], label));
      const shade = Math.round((255 * (verdict + 0.6)) / 1.6);
      context.fillStyle = `rgb(${shade}, ${shade}, ${shade})`;
      context.fillRect(j * cell, i * cell, cell + 1, cell + 1);
    }
  }
}

// A circle, a square or a triangle: the shape says the label, too
function outline(context, label, x, y) {
  const r = 4;
  context.beginPath();
  if (label === 0) context.arc(x, y, r, 0, 2 * Math.PI);
  if (label === 1) context.rect(x - r, y - r, 2 * r, 2 * r);
  if (label === 2) {
    context.moveTo(x, y - r - 1);
    context.lineTo(x + r + 1, y + r);
    context.lineTo(x - r - 1, y + r);
    context.closePath();
  }
}

function arrow(context, [x, y], [right, down]) {
  const length = Math.hypot(right - x, down - y);
  if (length < 1) return;
  const head = Math.min(6, length / 2);
  const angle = Math.atan2(down - y, right - x);
  context.strokeStyle = "#000000";
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(right, down);
  for (const side of [-0.5, 0.5]) {
    context.moveTo(right, down);
    context.lineTo(right - head * Math.cos(angle + side), down - head * Math.sin(angle + side));
  }
  context.stroke();
}

// ---- the words ----

function dWords(loss) {
  if (loss < 0.3) return said`D is right nearly always.`;
  if (loss < 1.25) return said`D is right more often than not.`;
  if (loss < 1.5) return said`Near 1.39, what guessing costs: D cannot tell.`;
  return said`Worse than guessing: D is often sure and wrong.`;
}

function gWords(loss) {
  if (loss < 0.55) return said`G's points pass for real more often than not.`;
  if (loss < 0.85) return said`Near 0.69: D is undecided about G's points.`;
  if (loss < 2) return said`D suspects G's points.`;
  return said`D sees through most of G's points.`;
}

function answerWords(answer) {
  if (answer > 0.8) return said`real, nearly sure`;
  if (answer > 0.6) return said`rather real`;
  if (answer >= 0.4) return said`undecided`;
  return answer >= 0.2 ? said`rather fake` : said`fake, nearly sure`;
}

function coverWords(share) {
  if (share > 0.9) return said`G covers the label.`;
  if (share > 0.6) return said`G covers most of it.`;
  return share > 0.1 ? said`G covers a part of it.` : said`G is elsewhere.`;
}

const mean = (values) => values.reduce((a, b) => a + b) / values.length;

// The share of a label's real points that have one of G's points near
function covered(label, fake) {
  const mine = fixed.labels.flatMap((other, i) => (other === label ? [i] : []));
  const near = (i) => mine.some((k) => (
    Math.hypot(fake[k][0] - fixed.real[i][0], fake[k][1] - fixed.real[i][1]) < NEAR));
  return mean(mine.map((i) => (near(i) ? 1 : 0)));
}

function rows(fake) {
  const { labels, real, z } = fixed;
  const answer = (points) => mean(labels.map((label, i) => sigmoid(toy.logit(points[i], label))));
  const [dLoss, gLoss] = [toy.dLoss(real, fake, labels), toy.gLoss(z, labels)];
  const [toReal, toFake] = [answer(real), answer(fake)];
  const covers = LABELS.map((name, label) => {
    const share = covered(label, fake);
    const what = said`Real points of "${name}" near one of G's`;
    return [what, `${Math.round(100 * share)} %`, coverWords(share)];
  });
  return [
    [said`D's loss`, dLoss.toFixed(2), dWords(dLoss)],
    [said`G's loss`, gLoss.toFixed(2), gWords(gLoss)],
    [said`D's answer to real points, on average`, toReal.toFixed(2), answerWords(toReal)],
    [said`D's answer to G's points, on average`, toFake.toFixed(2), answerWords(toFake)],
    ...covers,
  ];
}

function show() {
  const fake = fixed.labels.map((label, i) => toy.generate(fixed.z[i], label));
  paint(fake);
  const table = rows(fake);
  table.forEach((cells, k) => {
    const line = $("losses").rows[k] ?? addRow();
    cells.forEach((text, i) => { line.cells[i].textContent = text; });
  });
  const steps = said`D has taken ${toy.steps.d} steps, G ${toy.steps.g}`;
  const losses = table.map((cells) => cells[1]);
  $("said").textContent = said`${steps}. D's loss ${losses[0]}, G's loss ${losses[1]}.`;
  const covers = LABELS.map((name, label) => `${name} ${table[4 + label][1]}`).join(", ");
  const what = said`Real points of three labels, G's points and D's pushes on them in a plane`;
  $("plane").setAttribute("aria-label", said`${what}. ${steps}. Covered: ${covers}.`);
}

function addRow() {
  const line = $("losses").insertRow();
  line.innerHTML = '<th scope="row"></th><td class="number"></td><td></td>';
  return line;
}

// ---- the buttons ----

function step(d, g) {
  for (let k = 0; k < Number($("steps").value); k++) {
    if (d) toy.stepD();
    if (g) toy.stepG();
  }
  show();
}

const running = () => $("run").getAttribute("aria-pressed") === "true";

// While it runs, the words are not read aloud: they change too often
function run(go) {
  $("run").setAttribute("aria-pressed", go);
  $("said").setAttribute("aria-live", go ? "off" : "polite");
  const turn = () => {
    if (!running()) return;
    step(true, true);
    requestAnimationFrame(turn);
  };
  if (go) requestAnimationFrame(turn);
  else show();
}

function reset() {
  run(false);
  toy = new Toy(Math.floor(Number($("seed").value)) || 0);
  show();
}

function start() {
  LABELS.forEach((name, label) => $("ground").add(new Option(name, label)));
  $("ground").value = 1;
  const value = () => { document.querySelector("[data-of=steps]").textContent = $("steps").value; };
  value();
  $("steps").addEventListener("input", value);
  $("ground").addEventListener("input", show);
  $("step-d").addEventListener("click", () => step(true, false));
  $("step-g").addEventListener("click", () => step(false, true));
  $("step-both").addEventListener("click", () => step(true, true));
  $("run").addEventListener("click", () => run(!running()));
  $("reset").addEventListener("click", reset);
  show();
}

start();
