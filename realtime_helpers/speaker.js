// The page's side of Speaker. After page.js.

/** Runs on the audio thread and owns the queue, so a busy kernel or page cannot make it stutter. */
function loudspeakerWorklet() {
  registerProcessor("realtime-loudspeaker", class extends AudioWorkletProcessor {
    constructor({ processorOptions: { reportEvery, trace } }) {
      super();
      this.resampler = sampleRate === PCM_RATE ? null : new SincResampler(PCM_RATE, sampleRate);
      this.ready = []; // resampled output that did not fit into the last quantum
      this.reportEvery = reportEvery;
      this.trace = trace;
      this.traced = [];
      this.closed = false;
      this.item = null;
      this.itemFrames = 0; // of the current item, left the queue for the loudspeaker, at 24 kHz
      this.lastSeq = -1;
      this.watches = [];
      this.empty();
      this.port.onmessage = ({ data }) => this[data.do](data);
    }
    empty() {
      this.queue = [];
      this.offset = 0;
      this.queued = 0;
      this.sounding = false;
      this.clearing = null;
      this.ready = [];
      this.flushed = 0;
      this.resampler?.reset();
    }
    play({ pcm, item, seq }) {
      this.lastSeq = seq;
      if (!pcm.length) return this.report("empty");
      this.queue.push({ pcm, item, seq });
      this.queued += pcm.length;
    }
    clear({ id, running }) {
      if (this.queued && running) this.clearing = id;
      else {
        this.empty();
        this.report("cleared", { id });
      }
    }
    watch({ frames }) {
      this.watches.push(frames);
    }
    close() {
      this.closed = true;
    }
    report(kind, more) {
      this.sinceReport = 0;
      this.port.postMessage({ kind, item: this.item, frames: this.itemFrames, queued: this.queued, seq: this.lastSeq, at: Date.now(), ...more });
    }
    /** The next samples of the queue, at most as many as asked for, counting them to their item. */
    take(out) {
      let n = 0;
      while (n < out.length && this.queue.length) {
        const { pcm, item, seq } = this.queue[0];
        if (this.offset === 0) {
          const next = item !== this.item;
          if (next) {
            this.item = item;
            this.itemFrames = 0;
          }
          if (!this.sounding || next || this.trace) this.report("begin", { begun: seq });
          this.sounding = true;
        }
        const many = Math.min(out.length - n, pcm.length - this.offset);
        for (let k = 0; k < many; k++) out[n + k] = pcm[this.offset + k] / 32768;
        n += many;
        this.offset += many;
        this.itemFrames += many;
        this.queued -= many;
        if (this.offset === pcm.length) {
          this.queue.shift();
          this.offset = 0;
        }
      }
      this.sinceReport += n;
      return n;
    }
    render(out) {
      if (!this.resampler) return this.take(out);
      const block = new Float32Array(64);
      while (this.ready.length < out.length) {
        block.fill(0);
        const n = this.take(block);
        if (n) this.flushed = 0;
        else if (this.flushed >= this.resampler.half) break;
        this.flushed += block.length - n; // past the end, zeros push the last samples through the filter
        this.ready.push(...this.resampler.push(block));
      }
      const n = Math.min(out.length, this.ready.length);
      for (let k = 0; k < n; k++) out[k] = this.ready[k];
      this.ready.splice(0, n);
      return n;
    }
    process(_, [[out]]) {
      if (this.sounding || this.queued) {
        const n = this.render(out);
        if (this.clearing !== null) {
          // Barge-in: this one quantum fades away (a cut would click), and the rest is never heard.
          for (let k = 0; k < out.length; k++) out[k] *= 1 - (k + 1) / out.length;
          const id = this.clearing;
          this.empty();
          this.report("cleared", { id });
        } else if (n < out.length && !this.queued) {
          this.sounding = false;
          this.report("empty");
        } else if (this.sinceReport >= this.reportEvery) this.report("played");
        if (this.watches.some((frames) => this.itemFrames >= frames)) {
          this.watches = this.watches.filter((frames) => this.itemFrames < frames);
          this.report("played");
        }
      }
      if (this.trace) {
        for (const x of out) this.traced.push(Math.round(x * 32768));
        if (this.traced.length >= sampleRate / 5) {
          const pcm = Int16Array.from(this.traced);
          this.traced = [];
          this.port.postMessage({ kind: "rendered", pcm: pcm.buffer, rate: sampleRate }, [pcm.buffer]);
        }
      }
      return !this.closed;
    }
  });
}

/** One AudioContext for all loudspeakers of a page: browsers allow only a few, and each costs a device stream. */
async function sharedContext(rate) {
  const shared = (globalThis.__realtimeLoudspeaker ??= {});
  return (shared[rate] ??= (async () => {
    let context;
    try {
      context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    } catch {
      context = new AudioContext({ latencyHint: "interactive" }); // the worklet resamples
    }
    await addWorklet(context, loudspeakerWorklet);
    // Any click or key in the page is the gesture that a browser may be waiting for.
    for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => context.state === "suspended" && context.resume(), true);
    context.resume();
    return context;
  })());
}

class SpeakerState {
  constructor(model) {
    this.model = model;
    this.page = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.views = new Set();
    this.said = "";
    this.playing = false;
    this.open = this.opened();
    this.open.catch((error) => {
      this.said = isSecureContext
        ? `The loudspeaker did not start (${error.name}: ${error.message}): reload the page.`
        : "The browser gives no sound to a page that is neither https nor localhost: open the notebook as http://localhost:PORT, or over https.";
      this.tell("error", { sentence: this.said });
      this.paint();
    });
  }
  tell(kind, more = {}, buffers = []) { this.model.send({ kind, page: this.page, ...more }, undefined, buffers); }

  hello() {
    this.tell("hello", { state: this.context?.state ?? "", secure: isSecureContext, front_end: frontEnd() });
  }

  async opened() {
    if (!window.AudioWorkletNode) throw new Error("no AudioWorklet");
    this.context = await sharedContext(this.model.get("_context_rate") || PCM_RATE);
    this.node = new AudioWorkletNode(this.context, "realtime-loudspeaker", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { reportEvery: PCM_RATE / 4, trace: this.model.get("trace") },
    });
    this.gain = new GainNode(this.context, { gain: this.model.get("volume") });
    this.node.connect(this.gain).connect(this.context.destination);
    this.node.port.onmessage = ({ data: { pcm, ...message } }) => {
      if (message.kind === "begin") this.playing = true;
      if (message.kind === "empty" || message.kind === "cleared") this.playing = false;
      this.tell(message.kind, message, pcm ? [pcm] : []);
      this.paint();
    };
    this.onState = () => {
      this.tell("state", { state: this.context.state, rate: this.context.sampleRate, latency_ms: (this.context.outputLatency || this.context.baseLatency || 0) * 1000 });
      this.paint();
    };
    this.context.addEventListener("statechange", this.onState);
    this.onState();
  }
  async message(m, buffers) {
    if (m.kind === "ping") return m.page && m.page !== this.page ? undefined : this.hello();
    if (this.model.get("page") && this.model.get("page") !== this.page) return; // another tab plays
    await this.open;
    const post = (message, transfer = []) => this.node.port.postMessage(message, transfer);
    if (m.kind === "play") {
      const b = buffers[0]; // a view on a part of the message, perhaps at an odd place: copied out, aligned
      const pcm = new Int16Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength));
      post({ do: "play", pcm, item: m.item, seq: m.seq }, [pcm.buffer]);
    } else if (m.kind === "clear") post({ do: "clear", id: m.id, running: this.context.state === "running" });
    else if (m.kind === "watch") post({ do: "watch", frames: m.frames });
  }
  setVolume(volume) {
    this.model.set("volume", volume);
    this.model.save_changes();
  }
  volumeChanged() {
    this.gain?.gain.setTargetAtTime(this.model.get("volume"), this.context.currentTime, 0.015); // glides: a jump would crackle
    this.paint();
  }
  enable() { this.context?.resume(); }
  kernelGone(why) {
    this.node?.port.postMessage({ do: "clear", id: 0, running: this.context.state === "running" });
    this.playing = false;
    this.said = `The kernel ${why}: run the cells again from the top.`;
    this.paint();
  }
  close() {
    this.open.then(() => {
      this.context.removeEventListener("statechange", this.onState);
      this.node.port.postMessage({ do: "close" });
      this.node.disconnect();
      this.gain.disconnect();
    }, () => {});
  }
  get suspended() { return this.context && this.context.state !== "running"; }
  words() {
    if (this.said) return this.said;
    if (!this.context) return "Opening.";
    if (this.suspended) return "The browser waits for a click.";
    return this.playing ? "Playing." : "Sound is on.";
  }
  paint() { for (const view of this.views) view.paint(); }
}

class SpeakerView {
  constructor(state, el) {
    this.state = state;
    this.enable = make("button", { class: "rt-button rt-main", type: "button", onclick: () => state.enable() }, icon(ICONS.sound), make("span", {}, "Enable sound"));
    this.sign = make("span", { class: "rt-sign" }, icon(ICONS.sound));
    this.volume = make("input", { class: "rt-volume", type: "range", min: 0, max: 100, step: 1, "aria-label": "Volume", oninput: () => state.setVolume(this.volume.value / 100) });
    this.volume.dataset.lmSuppressShortcuts = ""; // the arrow keys belong to the slider here, not to the notebook
    this.status = make("span", { class: "rt-status", role: "status", "aria-live": "polite" });
    el.classList.add("rt-widget", "rt-speaker");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", "Loudspeaker");
    el.append(this.enable, this.sign, this.volume, this.status);
    this.paint();
  }
  paint() {
    const { state } = this;
    this.enable.hidden = !state.suspended;
    this.sign.hidden = Boolean(state.suspended);
    this.sign.classList.toggle("rt-on", state.playing);
    const percent = Math.round(state.model.get("volume") * 100);
    if (document.activeElement !== this.volume || Number(this.volume.value) !== percent) this.volume.value = percent;
    this.volume.style.setProperty("--level", percent + "%");
    this.volume.setAttribute("aria-valuetext", `${percent} percent`);
    const said = state.words();
    if (this.status.textContent !== said) this.status.textContent = said;
    this.status.classList.toggle("rt-wrong", Boolean(state.said));
  }
}

export default () => {
  let state;
  return {
    initialize({ model }) {
      state = new SpeakerState(model);
      model.on("msg:custom", (message, buffers) => state.message(message, buffers));
      model.on("change:volume", () => state.volumeChanged());
      const stopWatching = watchKernel(model, null, (why) => state.kernelGone(why));
      state.hello();
      return () => {
        stopWatching();
        state.close();
      };
    },
    render({ el }) {
      const view = new SpeakerView(state, el);
      state.views.add(view);
      return () => state.views.delete(view);
    },
  };
};
