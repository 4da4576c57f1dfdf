// The page's side of ProductCards. After page.js.

// Line drawings on a 24 by 24 field, by the kind of product.
const DRAWINGS = {
  tent: "M3 20 12 4l9 16zM12 4v16M9 20l3-6 3 6M2 20h20",
  sleeping: "M5 8a4 4 0 0 1 8 0v1h4a3 3 0 0 1 3 3v7H5zM5 19V8M13 9v10M7 7h4",
  kitchen: "M5 10h11v7a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3zM16 12h5M8 7c0-2 2-2 2-4M12 7c0-2 2-2 2-4",
  light: "M9 3h6l1 5v9a2 2 0 0 1-2 2h-4a2 2 0 0 1-2-2V8zM8 8h8M12 11v4M10 21h4",
  fire: "M12 3c1 4 5 5 5 10a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 1-3-1-5 1-9zM6 21h12",
  pack: "M8 7a4 4 0 0 1 8 0M6 11a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v10H6zM9 14h6v4H9z",
  clothing: "M8 4 3 8l2 4 2-1v9h10v-9l2 1 2-4-5-4c-1 2-7 2-8 0zM12 6v14",
  walking: "M8 3v18M8 3h3M16 3v18M13 3h3M6 18h4M14 18h4",
  water: "M12 3c3 5 6 8 6 12a6 6 0 0 1-12 0c0-4 3-7 6-12zM9 15a3 3 0 0 0 3 3",
  food: "M5 8h14l-1 12H6zM8 8V5h8v3M9 12h6M9 16h6",
  furniture: "M6 4l3 9h9M9 13l-3 8M16 13l2 8M5 9h5",
  navigation: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15 9l-2 4-4 2 2-4z",
  safety: "M4 8h16v12H4zM9 8V5h6v3M12 11v6M9 14h6",
  tools: "M4 20 14 10M14 10a4 4 0 0 1 5-6l-3 3 1 2 2 1 3-3a4 4 0 0 1-6 5z",
  power: "M13 2 5 14h6l-1 8 9-13h-6z",
  boat: "M2 14c4 6 16 6 20 0-4 2-16 2-20 0zM12 14V6M9 6h6",
  insects: "M12 8a3 4 0 0 1 3 4v4a3 3 0 0 1-6 0v-4a3 4 0 0 1 3-4zM9 5l2 3M15 5l-2 3M4 11l5 2M20 11l-5 2M5 19l4-3M19 19l-4-3",
  "winter sport": "M12 2v20M4 7l16 10M20 7 4 17M9 4l3 3 3-3M9 20l3-3 3 3",
};
const ANYTHING = "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9";

function drawing(kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const lines = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linejoin": "round", "stroke-linecap": "round", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(lines)) svg.setAttribute(name, value);
  const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  path.setAttribute("d", DRAWINGS[kind] ?? ANYTHING);
  return svg;
}

function productCard({ name, kind, price, facts, stock, gone, about }) {
  const card = make("li", { class: `rt-card${gone ? " rt-gone" : ""}` },
    drawing(kind),
    make("h4", {}, name),
    make("div", { class: "rt-price" }, price),
    make("p", { class: "rt-facts" }, `${facts} · `, make("span", { class: "rt-stock" }, stock)),
    make("p", { class: "rt-about" }, about));
  card.dataset.product = name;
  return card;
}

class CardsView {
  constructor(model, el) {
    this.model = model;
    this.shelf = make("ul", {});
    this.nothing = make("p", { class: "rt-nothing" });
    // The cards change as a whole; a screen reader is told what they are in one line, and not read all of them.
    this.told = make("div", { class: "rt-unseen", role: "status" });
    el.classList.add("rt-widget", "rt-cards");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", "Products");
    el.append(this.shelf, this.nothing, this.told);
    this.paint();
    this.mark();
  }
  paint() {
    const cards = this.model.get("cards");
    const empty = this.model.get("looked") ? "Nothing like that in the shop." : "Products appear here while they are spoken about.";
    this.shelf.replaceChildren(...cards.map(productCard));
    this.shelf.hidden = !cards.length;
    this.nothing.textContent = cards.length ? "" : empty;
    if (this.model.get("looked")) this.told.textContent = cards.map(({ name, price, stock }) => `${name}, ${price}, ${stock}`).join("; ") || empty;
  }
  mark() {
    const spoken = this.model.get("spoken");
    for (const card of this.shelf.children) {
      const now = card.dataset.product === spoken;
      card.classList.toggle("rt-spoken", now);
      if (now) card.setAttribute("aria-current", "true");
      else card.removeAttribute("aria-current");
    }
  }
}

export default {
  render({ model, el }) {
    const view = new CardsView(model, el);
    const paint = () => { view.paint(); view.mark(); };
    const mark = () => view.mark();
    model.on("change:looked", paint);
    model.on("change:spoken", mark);
    return () => { model.off("change:looked", paint); model.off("change:spoken", mark); };
  },
};
