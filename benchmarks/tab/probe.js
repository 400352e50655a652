// Says when a change of the page was on the screen: runs in every frame, before the frame's own scripts.
//
// Whatever changes what is watched puts a word into the page at the same moment. It is painted in the same frame of the
// display as the change, and Element Timing tells when that frame was presented: rasterised and composited, which a callback
// of the page never sees. Times are milliseconds on the clock that all frames of a page share.
window.probe = {
  /** When the awaited input happened. */
  input: null,
  /** Presented frames with a change: what was measured, and when it was on the screen. */
  shown: [],
  changed: 0,

  /** Notes the next input of a type, by the time the browser received it. */
  awaitInput(type) {
    this.input = null;
    const note = (event) => {
      this.input = performance.timeOrigin + event.timeStamp;
    };
    addEventListener(type, note, { capture: true, once: true });
  },

  /** Watches a part of the page from now on; frames in which `measure` gives what it gave before do not count. */
  watch(root, measure) {
    this.stop();
    this.shown = [];
    let last = measure();
    this.observer = new MutationObserver(() => {
      const measured = measure();
      if (measured === last) return;
      last = measured;
      this.changed = performance.now();
      this.stamp(measured);
    });
    this.observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  },

  watchElement(selector) {
    let changes = 0;
    this.watch(document.querySelector(selector), () => changes++);
  },

  watchNumberOf(selector) {
    this.watch(document, () => document.querySelectorAll(selector).length);
  },

  stop() {
    this.observer?.disconnect();
  },

  stamp(measured) {
    const word = document.createElement("p");
    word.textContent = "probe";
    word.setAttribute("elementtiming", "probe");
    word.style.cssText = "position:fixed;left:0;top:0;margin:0;font-size:8px;will-change:transform;pointer-events:none";
    word.measured = measured;
    this.pending.add(word);
    document.documentElement.append(word);
  },
  pending: new Set(),

  /** Milliseconds since anything changed; 0 while a change is still to be presented. */
  silence() {
    return this.pending.size > 0 ? 0 : performance.now() - this.changed;
  },
};

new PerformanceObserver((list) => {
  for (const { element: word, renderTime } of list.getEntries()) {
    if (!probe.pending.delete(word)) continue;
    probe.shown.push({ measured: word.measured, at: performance.timeOrigin + renderTime });
    word.remove();
  }
}).observe({ type: "element", buffered: true });
