"use strict";
// The twin of cgan_lab/toy.py: a conditional GAN in a plane, its gradients written out by hand.
// A point is [x, y]. Matrices are flat, row by row.

const LABELS = [said`a spot`, said`two spots`, said`a stroke`];
const G_UNITS = 24;
const D_UNITS = 32;
const BATCH = 64;
const INPUTS = 2 + LABELS.length; // noise and one-hot label
const CENTRES = [ // label, half: each half of a label's points lies around its own centre
  [[0, 2], [0, 2]], [[-2.4, -0.6], [-0.8, -2]], [[1.6, -0.8], [1.6, -0.8]],
];

const sigmoid = (a) => 1 / (1 + Math.exp(-a));
const softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))); // log(1 + e^a)

// One real point per label: a spot, one of two spots or a slanting stroke
function realPoints(labels, random) {
  return labels.map((label) => {
    const along = label === 2 ? 1.8 * random.uniform() - 0.9 : 0;
    const around = label === 2 ? 0.09 : 0.18;
    const [x, y] = CENTRES[label][random.below(2)];
    return [
      x + around * random.normal() + 0.6 * along,
      y + around * random.normal() + 0.8 * along,
    ];
  });
}

// G: noise and one-hot label (5) -> 24 tanh units -> a point.
// D: a point -> 32 tanh units f -> logit w.f + b + V_y.f, a projection.
// Minimax loss for D, non-saturating for G. Adam without momentum.
class Toy {
  constructor(seed = 0, rate = 0.01) {
    this.random = randomFrom(seed);
    this.rate = rate;
    this.steps = { d: 0, g: 0 };
    this.squares = { d: {}, g: {} };
    const draw = (n, scale) => this.random.normals(n).map((value) => scale * value);
    this.g = {
      hidden: draw(INPUTS * G_UNITS, 1 / Math.sqrt(INPUTS)),
      hidden_bias: new Float64Array(G_UNITS),
      out: draw(G_UNITS * 2, 1 / Math.sqrt(G_UNITS)),
      out_bias: new Float64Array(2),
    };
    this.d = {
      hidden: draw(2 * D_UNITS, 1),
      hidden_bias: draw(D_UNITS, 1),
      out: new Float64Array(D_UNITS), // w
      out_bias: new Float64Array(1), // b
      label: new Float64Array(LABELS.length * D_UNITS), // V
    };
  }

  // G's hidden units for one noise and label
  hiddenOf(z, label) {
    const { hidden, hidden_bias: bias } = this.g;
    return bias.map((start, j) => {
      const noise = z[0] * hidden[j] + z[1] * hidden[G_UNITS + j];
      return Math.tanh(start + noise + hidden[(2 + label) * G_UNITS + j]);
    });
  }

  // G's point for one noise and label
  generate(z, label, hidden = this.hiddenOf(z, label)) {
    const [x, y] = this.g.out_bias;
    const point = [x, y];
    hidden.forEach((value, j) => {
      point[0] += value * this.g.out[2 * j];
      point[1] += value * this.g.out[2 * j + 1];
    });
    return point;
  }

  // D's hidden units f for one point
  features([x, y]) {
    const { hidden, hidden_bias: bias } = this.d;
    return bias.map((start, j) => Math.tanh(start + x * hidden[j] + y * hidden[D_UNITS + j]));
  }

  // da/df = w + V_y
  direction(label) {
    return this.d.out.map((value, j) => value + this.d.label[label * D_UNITS + j]);
  }

  // D's logit for one point and label
  logit(point, label, features = this.features(point)) {
    const way = this.direction(label);
    return features.reduce((sum, value, j) => sum + value * way[j], this.d.out_bias[0]);
  }

  // Where D pushes a point under its label: minus the slope of -log D(x|y),
  // so (1 - D) times the slope of the logit (Goodfellow et al. 2014, arXiv 1406.2661, section 3)
  push(point, label) {
    const features = this.features(point);
    const way = this.direction(label);
    const heard = sigmoid(-this.logit(point, label, features));
    const pushed = [0, 0];
    features.forEach((f, j) => {
      const rise = heard * way[j] * (1 - f * f);
      pushed[0] += rise * this.d.hidden[j];
      pushed[1] += rise * this.d.hidden[D_UNITS + j];
    });
    return pushed;
  }

  dLoss(real, fake, labels) {
    const costs = labels.map((label, i) => (
      softplus(-this.logit(real[i], label)) + softplus(this.logit(fake[i], label))));
    return costs.reduce((a, b) => a + b) / labels.length;
  }

  gLoss(z, labels) {
    const costs = labels.map((label, i) => (
      softplus(-this.logit(this.generate(z[i], label), label))));
    return costs.reduce((a, b) => a + b) / labels.length;
  }

  // The gradient of dLoss, like `d`
  dGradients(real, fake, labels) {
    const slopes = zerosLike(this.d);
    for (const [points, sign] of [[real, -1], [fake, 1]]) {
      labels.forEach((label, i) => {
        const [x, y] = points[i];
        const features = this.features(points[i]);
        const way = this.direction(label);
        const logit = this.logit(points[i], label, features);
        const push = (sign * sigmoid(sign * logit)) / labels.length; // dL/da
        slopes.out_bias[0] += push;
        features.forEach((f, j) => {
          slopes.out[j] += push * f;
          slopes.label[label * D_UNITS + j] += push * f;
          const inner = push * way[j] * (1 - f * f); // the slope before the tanh
          slopes.hidden[j] += x * inner;
          slopes.hidden[D_UNITS + j] += y * inner;
          slopes.hidden_bias[j] += inner;
        });
      });
    }
    return slopes;
  }

  // The gradient of gLoss, like `g`: it comes back through D, which stays as it is
  gGradients(z, labels) {
    const slopes = zerosLike(this.g);
    labels.forEach((label, i) => {
      const hidden = this.hiddenOf(z[i], label);
      const point = this.generate(z[i], label, hidden);
      const pull = this.push(point, label).map((value) => -value / labels.length); // dL/dx
      slopes.out_bias[0] += pull[0];
      slopes.out_bias[1] += pull[1];
      hidden.forEach((h, j) => {
        slopes.out[2 * j] += h * pull[0];
        slopes.out[2 * j + 1] += h * pull[1];
        const back = pull[0] * this.g.out[2 * j] + pull[1] * this.g.out[2 * j + 1];
        const inner = back * (1 - h * h); // the slope before the tanh
        slopes.hidden[j] += z[i][0] * inner;
        slopes.hidden[G_UNITS + j] += z[i][1] * inner;
        slopes.hidden[(2 + label) * G_UNITS + j] += inner;
        slopes.hidden_bias[j] += inner;
      });
    });
    return slopes;
  }

  // One step of D alone: real up, fake down
  stepD() {
    const [labels, z] = this.batch();
    const fake = labels.map((label, i) => this.generate(z[i], label));
    this.adam("d", this.dGradients(realPoints(labels, this.random), fake, labels));
  }

  // One step of G alone, through D as it is
  stepG() {
    const [labels, z] = this.batch();
    this.adam("g", this.gGradients(z, labels));
  }

  batch() {
    const labels = Array.from({ length: BATCH }, () => this.random.below(LABELS.length));
    return [labels, labels.map(() => [this.random.normal(), this.random.normal()])];
  }

  // beta_1 = 0, beta_2 = 0.999: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1
  adam(player, slopes) {
    const step = ++this.steps[player];
    for (const [name, weights] of Object.entries(this[player])) {
      const squares = (this.squares[player][name] ??= new Float64Array(weights.length));
      slopes[name].forEach((slope, i) => {
        squares[i] += 0.001 * (slope ** 2 - squares[i]);
        const root = Math.sqrt(squares[i] / (1 - 0.999 ** step));
        weights[i] -= (this.rate * slope) / (root + 1e-8);
      });
    }
  }
}

function zerosLike(weights) {
  const entries = Object.entries(weights);
  return Object.fromEntries(entries.map(([name, w]) => [name, new Float64Array(w.length)]));
}
