// The page's side of Keyboard. After page.js.

/** One keyboard: what is true of it, whoever looks. Its views only draw it. */
class KeyboardState {
  constructor(model) {
    this.model = model;
    this.page = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.views = new Set();
    this.typed = ""; // not sent yet; the same in every view
    this.said = "";
    this.wrong = false;
    this.gone = false; // the kernel
  }
  get active() { return !this.gone && this.model.get("active") && this.model.get("page") === this.page; }
  get recording() { return this.model.get("use_recording"); }
  get typing() { return this.active && !this.recording; }

  tell(kind, more = {}) { this.model.send({ kind, page: this.page, ...more }); }

  // what the learner does
  edit(text) {
    this.typed = text;
    this.paint();
  }
  press() {
    const line = this.typed.trim();
    if (!this.active) return this.say("Off, so nothing was sent: run the cell that reads the keyboard.");
    if (this.recording) return this.say("The recording types: click Use the recording again to type yourself.");
    if (!line) return;
    this.typed = "";
    this.tell("line", { line });
    this.say("");
  }
  hangUp() {
    if (!this.active) return;
    this.tell("hang_up");
  }
  toggleRecording() {
    const use = !this.recording;
    this.model.set("use_recording", use);
    this.model.save_changes();
    this.tell("recording", { use });
    this.say("");
  }

  message(m) {
    this.gone = false;
    if (m.page && m.page !== this.page) return; // meant for another tab
    if (m.kind === "ping") this.tell("hello");
    else if (m.kind === "sent") this.say(`Sent: ${m.line}`);
    else if (m.kind === "stop") this.say(m.why);
    else if (m.kind === "unsent") {
      this.typed ||= m.line;
      this.say("Off, so the last line was not sent.");
    }
  }
  activeChanged() {
    this.stopWatching?.();
    this.stopWatching = null;
    if (this.active) {
      this.stopWatching = watchKernel(this.model, () => this.tell("beat"), (why) => this.kernelGone(why));
      this.say("");
    }
    this.paint();
  }
  kernelGone(why) {
    this.gone = true;
    this.say(`The kernel ${why}, so nobody reads what is typed: run the cells again from the top.`, true);
  }
  say(words, wrong = false) {
    this.said = words ?? "";
    this.wrong = wrong;
    this.paint();
  }
  words() {
    if (this.said) return this.said;
    if (this.model.get("active") && !this.active) return "Off here: another tab shows this notebook now.";
    if (this.active) return this.recording ? "The recording types." : "On: type a line, and press Enter.";
    return this.recording ? "The recording will type for you." : "Off.";
  }
  paint() {
    for (const view of this.views) view.paint();
  }
}

class KeyboardView {
  constructor(state, el) {
    this.state = state;
    this.field = make("input", {
      class: "rt-field", type: "text", "aria-label": "Your line", placeholder: "Type a line", autocomplete: "off",
      oninput: () => state.edit(this.field.value),
    });
    // JupyterLab would take these keys for its shortcuts, all but the one for saving. An input method's Enter picks a word.
    this.field.addEventListener("keydown", (event) => {
      const saving = (event.ctrlKey || event.metaKey) && event.key === "s";
      if (!saving) event.stopPropagation();
      if (event.key === "Enter" && !event.isComposing) state.press();
    });
    this.send = make("button", { class: "rt-button rt-main", type: "button", onclick: () => state.press() }, icon(ICONS.send), make("span", {}, "Send"));
    this.end = make("button", { class: "rt-button rt-end", type: "button", onclick: () => state.hangUp() }, icon(ICONS.hangUp), make("span", {}, "Hang up"));
    this.tape = make("button", { class: "rt-button rt-tape", type: "button", onclick: () => state.toggleRecording() }, icon(ICONS.recording), make("span", {}, "Use the recording"));
    this.tape.hidden = !state.model.get("rehearsal").length;
    this.status = make("span", { class: "rt-status", role: "status", "aria-live": "polite" });
    el.classList.add("rt-widget", "rt-keyboard");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", "Keyboard");
    el.append(this.field, this.send, this.end, this.tape, this.status);
    this.paint();
  }
  paint() {
    const { state } = this;
    if (this.field.value !== state.typed) this.field.value = state.typed;
    // Not `disabled`: what is disabled under the reader's fingers loses the keyboard's focus.
    this.send.setAttribute("aria-disabled", String(!state.typing || !state.typed.trim()));
    this.end.setAttribute("aria-disabled", String(!state.active));
    this.tape.setAttribute("aria-pressed", String(Boolean(state.recording)));
    const said = state.words();
    if (this.status.textContent !== said) this.status.textContent = said; // an unchanged text is not announced again
    this.status.classList.toggle("rt-wrong", state.wrong);
  }
}

export default () => {
  let state;
  return {
    initialize({ model }) {
      state = new KeyboardState(model);
      model.on("msg:custom", (message) => state.message(message));
      model.on("change:active", () => state.activeChanged());
      model.on("change:page", () => state.activeChanged());
      model.on("change:use_recording", () => state.paint());
      state.tell("hello");
      return () => state.stopWatching?.();
    },
    render({ el }) {
      const view = new KeyboardView(state, el);
      state.views.add(view);
      return () => state.views.delete(view);
    },
  };
};
