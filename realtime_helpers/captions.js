// The page's side of Captions. After page.js.

/** One line on the screen. It changes in place, so that eyes need not look for it. */
function captionLine({ who, words, grey, mark }) {
  return make("p", {},
    make("span", { class: `rt-who rt-${who.toLowerCase()}` }, who),
    make("span", { class: "rt-final" }, words),
    make("span", { class: "rt-grey" }, grey),
    make("span", { class: "rt-mark" }, mark && (words ? " " : "") + mark));
}

class CaptionsView {
  constructor(model, el) {
    this.model = model;
    this.drawn = new Map(); // id: [what was drawn, its element]
    this.told = new Set();
    // Words that change under way would be read out again and again: a screen reader gets each line once, when it is final.
    this.seen = make("div", { class: "rt-seen", "aria-hidden": "true" });
    this.read = make("div", { class: "rt-unseen", role: "log", "aria-live": "polite", "aria-label": "Captions" });
    this.nothing = make("p", { class: "rt-nothing" }, "Captions appear here.");
    el.classList.add("rt-widget", "rt-captions");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", "Live captions");
    el.append(this.seen, this.read);
    this.paint();
  }
  paint() {
    const lines = this.model.get("lines");
    const wanted = lines.map((line) => {
      const content = JSON.stringify(line);
      const [before, element] = this.drawn.get(line.id) ?? [];
      if (before === content) return element;
      const fresh = captionLine(line);
      element?.replaceWith(fresh);
      this.drawn.set(line.id, [content, fresh]);
      return fresh;
    });
    if (!lines.length) wanted.push(this.nothing);
    if (wanted.length !== this.seen.children.length || wanted.some((element, n) => element !== this.seen.children[n])) this.seen.replaceChildren(...wanted);
    const here = new Set(lines.map((line) => line.id));
    for (const id of this.drawn.keys()) if (!here.has(id)) this.drawn.delete(id);
    for (const { id, who, words, mark, final } of lines)
      if (final && !this.told.has(id)) {
        this.told.add(id);
        this.read.append(make("p", {}, [`${who}:`, words, mark].filter(Boolean).join(" ")));
        if (this.read.children.length > 20) this.read.firstChild.remove();
      }
  }
}

export default {
  render({ model, el }) {
    const view = new CaptionsView(model, el);
    const paint = () => view.paint();
    model.on("change:lines", paint);
    return () => model.off("change:lines", paint);
  },
};
