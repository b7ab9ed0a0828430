/* What JupyterLab 4 leaves out for whoever does not see the page, and ipywidgets too.

A figure that notebooks store with words, metadata["image/png"].alt, gets them as its alt, and again below, folded, for
everybody. Handles of sliders, the numbers beside them and the buttons of a player get the names that stand next to
them. And keys that are pressed on a control are the control's: without that, ArrowDown on a dropdown moves to another
cell, and B adds one. JupyterLab loads this file as it is: it is what a bundler would make of an extension, written by
hand.
*/
"use strict";
(() => {
  const PLAYER = { play: "play", pause: "pause", stop: "back to the start", retweet: "again from the start at the end" };
  let shared; // JupyterLab's own modules: name -> version -> how to get it

  async function from(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  /** Return a class like `RenderedImage` of JupyterLab that does not forget a figure's words. */
  function figures(RenderedImage) {
    return class extends RenderedImage {
      async render(model) {
        await super.render(model);
        const words = model.metadata[this.mimeType]?.alt;
        if (!words) return;
        this.node.querySelector("img").alt = words;
        this.node.querySelector("details")?.remove();
        this.node.append(folded(words));
      }
    };
  }

  function folded(words) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const text = document.createElement("p");
    details.className = "cgan-lab-words";
    details.style.cssText = "max-width: 60em; font: var(--jp-content-font-size1) var(--jp-content-font-family)";
    summary.textContent = /[\u4e00-\u9fff]/.test(words) ? "用文字描述这张图" : "The figure in words";
    text.textContent = words;
    details.append(summary, text);
    return details;
  }

  /** Name a part of a control by the text that stands beside it. */
  function name(part) {
    const label = part.closest(".widget-inline-hbox")?.querySelector(".widget-label")?.textContent;
    if (part.matches(".noUi-handle")) part.setAttribute("aria-label", label);
    else if (part.matches(".widget-readout")) {
      part.setAttribute("role", "textbox");
      part.setAttribute("aria-label", `${label}, as a number`);
    } else {
      const icon = part.querySelector("i")?.className.match(/fa-([a-z]+)/)?.[1];
      const what = part.closest(".widget-play").previousElementSibling?.textContent;
      part.setAttribute("aria-label", [what, PLAYER[icon]].filter(Boolean).join(": "));
    }
  }

  const FOCUSED = ".jp-OutputArea-output .jupyter-widgets :is(button, select, .noUi-handle)";
  const PARTS = ".widget-slider .noUi-handle, .widget-slider .widget-readout, .widget-play button";

  function watch() {
    const naming = new MutationObserver(changes => {
      for (const { target } of changes) {
        target.querySelectorAll(PARTS).forEach(name);
        for (const part of target.querySelectorAll(FOCUSED)) part.dataset.lmSuppressShortcuts = "";
        const button = target.closest(".widget-play button"); // its icon has changed: it plays, or it pauses
        if (button) name(button);
      }
    });
    naming.observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
  }

  async function extension() {
    const { IRenderMimeRegistry, RenderedImage } = await from("@jupyterlab/rendermime");
    const Figure = figures(RenderedImage);
    const factory = { safe: true, mimeTypes: ["image/png"], createRenderer: options => new Figure(options) };
    return {
      id: "cgan-lab:words",
      description: "Gives figures their words, and controls their names.",
      autoStart: true,
      requires: [IRenderMimeRegistry],
      activate(app, registry) {
        registry.addFactory(factory, 0); // before JupyterLab's own, whose rank is 90
        watch();
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["cgan-lab"] = {
    init(modules) {
      shared = modules;
    },
    async get() {
      const made = await extension();
      return () => ({ __esModule: true, default: made });
    },
  };
})();
