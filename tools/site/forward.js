"use strict";
// The twin of cgan_lab/forward.py: the shipped generators and the judge, one picture at a time.
// A picture is an array of height x width x channels numbers, row by row.

const weights = {}; // filled by weights-NAME.js

const forward = (() => {
  const LABEL_SCALE = 5;
  const CLASSES = 10;
  const LATENT = 100;

  // ---- weights ----

  const place = document.currentScript.src; // the weights are beside it
  const loaded = {}; // name -> promise of a list of {shape, values}

  function load(name) {
    loaded[name] ??= addScript(`weights-${name}.js`).then(() => unpack(weights[name]));
    return loaded[name];
  }

  function addScript(source) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = new URL(source, place);
      script.onload = done;
      const missing = said`${source} is missing here: python -m tools.site.pages makes it`;
      script.onerror = () => failed(new Error(missing));
      document.head.append(script);
    });
  }

  async function unpack(file) {
    if (typeof DecompressionStream === "undefined") {
      throw new Error(said`this browser is older than 2023 and cannot unpack the weights`);
    }
    const zipped = new Blob([bytesOf(file)]).stream();
    const plain = zipped.pipeThrough(new DecompressionStream("gzip"));
    const planes = new Uint8Array(await new Response(plain).arrayBuffer());
    delete file.packed;
    const floats = halfFloats();
    const count = planes.length / 2; // high bytes, then low bytes
    let at = 0;
    return file.shapes.map((shape) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      for (let i = 0; i < values.length; i++, at++) {
        values[i] = floats[(planes[at] << 8) | planes[count + at]];
      }
      return { shape, values };
    });
  }

  // 15 bits a character, from U+3000 on: tools/site/weights.py
  function bytesOf({ bytes, packed }) {
    const out = new Uint8Array(bytes);
    let held = 0;
    let bits = 0;
    let at = 0;
    for (let i = 0; i < packed.length; i++) {
      held = (held << 15) | (packed.charCodeAt(i) - 0x3000);
      bits += 15;
      while (bits >= 8 && at < bytes) {
        bits -= 8;
        out[at++] = held >> bits;
      }
      held &= (1 << bits) - 1;
    }
    return out;
  }

  // IEEE 754: a sign, 5 bits of exponent, 10 of fraction
  function halfFloats() {
    const table = new Float32Array(65536);
    for (let code = 0; code < 65536; code++) {
      const sign = code & 0x8000 ? -1 : 1;
      const exponent = (code >> 10) & 31;
      const fraction = code & 1023;
      const size = exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction;
      table[code] = sign * size;
    }
    return table;
  }

  // ---- layers: each takes an array and weights, and returns a new array ----

  function product(x, w, bias) {
    const [inputs, outputs] = w.shape;
    const out = new Float64Array(outputs);
    if (bias) out.set(bias.values);
    for (let i = 0; i < inputs; i++) {
      const value = x[i];
      if (value === 0) continue;
      const start = i * outputs;
      for (let j = 0; j < outputs; j++) out[j] += value * w.values[start + j];
    }
    return out;
  }

  function leaky(x) {
    return x.map((value) => (value > 0 ? value : 0.2 * value));
  }

  function relu(x) {
    return x.map((value) => (value > 0 ? value : 0));
  }

  // w: gamma, beta, running mean, running variance
  function normalised(x, w, epsilon) {
    const [gamma, beta, mean, variance] = w.map((one) => one.values);
    const scale = gamma.map((value, c) => value / Math.sqrt(variance[c] + epsilon));
    const channels = scale.length;
    return x.map((value, i) => {
      const c = i % channels;
      return value * scale[c] + (beta[c] - mean[c] * scale[c]);
    });
  }

  // At each place the sum over the window, black around. kernel (k, k, in, out), k odd
  function convolved(x, size, kernel) {
    const [k, , inputs, outputs] = kernel.shape;
    const half = (k - 1) / 2;
    const out = new Float64Array(size * size * outputs);
    for (let place = 0; place < size * size; place++) {
      const row = Math.floor(place / size);
      const column = place % size;
      const sum = out.subarray(place * outputs, (place + 1) * outputs);
      for (let tap = 0; tap < k * k; tap++) {
        const i = row + Math.floor(tap / k) - half;
        const j = column + (tap % k) - half;
        if (i < 0 || j < 0 || i >= size || j >= size) continue;
        for (let c = 0; c < inputs; c++) {
          const value = x[(i * size + j) * inputs + c];
          if (value === 0) continue;
          const start = (tap * inputs + c) * outputs;
          for (let o = 0; o < outputs; o++) sum[o] += value * kernel.values[start + o];
        }
      }
    }
    return out;
  }

  // Each pixel puts a stamp 4 x 4 every second pixel; the outermost ring is cut off.
  // size -> 2 size. kernel (4, 4, out, in)
  function stamped(x, size, kernel) {
    const [, , outputs, inputs] = kernel.shape;
    const wide = 2 * size;
    const out = new Float64Array(wide * wide * outputs);
    for (let place = 0; place < size * size; place++) {
      const pixel = x.subarray(place * inputs, (place + 1) * inputs);
      for (let tap = 0; tap < 16; tap++) {
        const i = 2 * Math.floor(place / size) + Math.floor(tap / 4) - 1;
        const j = 2 * (place % size) + (tap % 4) - 1;
        if (i < 0 || j < 0 || i >= wide || j >= wide) continue;
        for (let o = 0; o < outputs; o++) {
          const start = (tap * outputs + o) * inputs;
          let sum = 0;
          for (let c = 0; c < inputs; c++) sum += pixel[c] * kernel.values[start + c];
          out[(i * wide + j) * outputs + o] += sum;
        }
      }
    }
    return out;
  }

  // The largest of each 2 x 2 pixels: size -> size / 2
  function pooled(x, size, channels) {
    const half = size / 2;
    const out = new Float64Array(half * half * channels);
    for (let i = 0; i < half; i++) {
      for (let j = 0; j < half; j++) {
        for (let c = 0; c < channels; c++) {
          const at = (2 * i * size + 2 * j) * channels + c;
          const below = at + size * channels;
          const largest = Math.max(x[at], x[at + channels], x[below], x[below + channels]);
          out[(i * half + j) * channels + c] = largest;
        }
      }
    }
    return out;
  }

  // ---- networks ----

  function dense(x, w) {
    for (let layer = 0; layer < 3; layer++) x = leaky(product(x, w[2 * layer], w[2 * layer + 1]));
    return product(x, w[6], w[7]).map(Math.tanh);
  }

  function deep(x, w) {
    x = leaky(normalised(product(x, w[0]), w.slice(1, 5), 1e-5)); // (7, 7, 128)
    x = leaky(normalised(stamped(x, 7, w[5]), w.slice(6, 10), 1e-5)); // (14, 14, 64)
    x = leaky(normalised(stamped(x, 14, w[10]), w.slice(11, 15), 1e-5)); // (28, 28, 32)
    const bias = w[16].values[0];
    return convolved(x, 28, w[15]).map((value) => Math.tanh(value + bias));
  }

  const LAYERS = { "mnist-dense": dense, "mnist-conv": deep };

  // Return G(noise, label): 784 pixels from 0, paper, to 255, full ink.
  // noise: 100 numbers; label: a digit, or ten shares that sum to 1
  function draw(name, w, noise, label) {
    const shares = typeof label === "number" ? oneHot(label) : label;
    const x = new Float64Array(LATENT + CLASSES);
    x.set(noise);
    for (let k = 0; k < CLASSES; k++) x[LATENT + k] = LABEL_SCALE * shares[k];
    return Uint8Array.from(LAYERS[name](x, w), (value) => Math.round((value + 1) * 127.5));
  }

  function oneHot(label) {
    return Array.from({ length: CLASSES }, (_, k) => (k === label ? 1 : 0));
  }

  // Return what the judge makes of 784 pixels: {digit, probabilities}
  function read(w, pixels) {
    let x = Float64Array.from(pixels, (value) => value / 255);
    for (let block = 0; block < 2; block++) {
      const [size, channels] = [[28, 24], [14, 48]][block];
      const [kernel, ...rest] = w.slice(5 * block, 5 * block + 5);
      x = pooled(relu(normalised(convolved(x, size, kernel), rest, 1e-3)), size, channels);
    }
    const logits = product(relu(product(x, w[10], w[11])), w[12], w[13]);
    const largest = Math.max(...logits);
    const heights = logits.map((value) => Math.exp(value - largest));
    const total = heights.reduce((a, b) => a + b);
    return { digit: logits.indexOf(largest), probabilities: Array.from(heights, (h) => h / total) };
  }

  return { load, draw, read, oneHot, LATENT, CLASSES };
})();
