"use strict";
// Random numbers from a seed: the same seed, the same numbers. They are not those of NumPy.

function randomFrom(seed) {
  let state = seed >>> 0;
  // mulberry32 by Tommy Ettinger: even numbers in [0, 1)
  function uniform() {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  // Box and Muller 1958: normal numbers
  function normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  }
  function normals(n) {
    return Float64Array.from({ length: n }, normal);
  }
  return { uniform, normal, normals, below: (n) => Math.floor(n * uniform()) };
}
