// The page's side of Microphone. After page.js.

/** Runs on the audio thread: whatever the context's rate, batches of PCM16 at 24 kHz, and silence while muted. */
function microphoneWorklet() {
  registerProcessor("realtime-microphone", class extends AudioWorkletProcessor {
    constructor({ processorOptions: { batch } }) {
      super();
      this.resampler = sampleRate === PCM_RATE ? null : new SincResampler(sampleRate, PCM_RATE);
      this.size = batch;
      this.pcm = new Int16Array(batch);
      this.filled = 0;
      this.first = 0; // index of the batch's first sample since the start
      this.lost = 0; // context frames that the audio thread never ran
      this.nextFrame = null;
      this.heardAny = false;
      this.muted = false;
      this.stopped = false;
      this.port.onmessage = ({ data }) => Object.assign(this, data);
    }
    process([[input]]) {
      if (this.nextFrame !== null) this.lost += currentFrame - this.nextFrame;
      this.nextFrame = currentFrame + 128;
      if (input) this.heardAny = true;
      if (this.heardAny) {
        // Muted, or the device is silent: zeros keep the clock running, so the service hears the silence that ends a turn.
        const x = input && !this.muted ? input : new Float32Array(128);
        for (const sample of this.resampler ? this.resampler.push(x) : x) this.put(sample);
      }
      return !this.stopped;
    }
    put(x) {
      this.pcm[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(x * 32768)));
      if (this.filled < this.size) return;
      const pcm = this.pcm;
      let peak = 0;
      for (const v of pcm) peak = Math.max(peak, Math.abs(v));
      this.port.postMessage({ pcm: pcm.buffer, first: this.first, lost: this.lost, peak: peak / 32768, at: Date.now() }, [pcm.buffer]);
      this.first += this.size; // not pcm.length: what was handed over is empty here
      this.pcm = new Int16Array(this.size);
      this.filled = 0;
    }
  });
}

/** Why there is no microphone, in a sentence with the way out. FAULTS are those that can be practised: microphone.py. */
function microphoneTrouble(error) {
  if (inVSCode())
    return "VS Code does not hand the microphone to a notebook: open this notebook in JupyterLab in a browser, or use the recording.";
  if (!isSecureContext || !navigator.mediaDevices)
    return "The browser gives no microphone to a page that is neither https nor localhost: open the notebook as http://localhost:PORT, or over https.";
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return FAULTS.denied;
    case "NotFoundError":
    case "OverconstrainedError":
      return FAULTS.missing;
    case "unplugged":
      return FAULTS.unplugged;
    case "NotReadableError":
    case "AbortError":
      return "The microphone could not be opened, probably because another program holds it: close that program and run the cell again.";
    default:
      return `The microphone did not start (${error.name}: ${error.message}): reload the page and run the cell again.`;
  }
}

/** One microphone: what is true of it, whoever looks. Its views only draw it. */
class MicrophoneState {
  constructor(model) {
    this.model = model;
    this.page = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.views = new Set();
    this.capture = null; // {stream, context, node} while the microphone is on
    this.opening = false;
    this.level = 0;
    this.said = ""; // the last thing worth saying while off
    this.wrong = false;
  }
  get active() { return this.model.get("active") && this.model.get("page") === this.page; }
  get recording() { return this.model.get("use_recording"); }
  get muted() { return this.model.get("muted"); }

  tell(kind, more = {}, buffers = []) { this.model.send({ kind, page: this.page, ...more }, undefined, buffers); }

  async start() {
    if (this.capture) return this.tellStarted();
    if (this.opening) return;
    this.opening = true;
    this.say("");
    let stream, context;
    try {
      if (!navigator.mediaDevices || !window.AudioWorkletNode) throw new DOMException("no microphone for this page", "SecurityError");
      stream = await navigator.mediaDevices.getUserMedia({
        video: false,
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      if (!this.opening) throw null; // hung up while the browser was asking
      let source;
      [context, source] = this.connect(stream);
      await addWorklet(context, microphoneWorklet);
      if (!this.opening) throw null;
      const node = new AudioWorkletNode(context, "realtime-microphone", {
        channelCount: 1,
        channelCountMode: "explicit",
        processorOptions: { batch: Math.round((PCM_RATE * this.model.get("batch_ms")) / 1000) },
      });
      node.port.onmessage = ({ data }) => this.batch(data);
      node.port.postMessage({ muted: this.muted });
      const silent = new GainNode(context, { gain: 0 }); // a node is only run if it leads to the loudspeaker
      source.connect(node).connect(silent).connect(context.destination);
      context.resume();
      const [track] = stream.getAudioTracks();
      track.onended = () => this.fail(new DOMException("the track ended", "unplugged"));
      this.capture = { stream, context, node, track };
      this.stopWatching = watchKernel(this.model, () => this.tell("beat"), (why) => this.kernelGone(why));
      this.tellStarted();
    } catch (error) {
      stream?.getTracks().forEach((track) => track.stop());
      context?.close();
      if (error) this.fail(error);
    }
    this.opening = false;
    this.paint();
  }
  connect(stream) {
    // Chromium resamples for us; Firefox refuses a context whose rate is not the device's, and the worklet resamples.
    const wanted = this.model.get("_context_rate") || PCM_RATE;
    let context = new AudioContext({ sampleRate: wanted });
    try {
      return [context, context.createMediaStreamSource(stream)];
    } catch {
      context.close();
      context = new AudioContext();
      return [context, context.createMediaStreamSource(stream)];
    }
  }
  tellStarted() {
    const { context, track } = this.capture;
    this.tell("started", { label: track.label, settings: track.getSettings(), context_rate: context.sampleRate });
    this.paint();
  }
  /** Off. An error on the screen stays there: it is why we are off. */
  stop(why = this.said, wrong = this.wrong) {
    this.opening = false;
    this.level = 0;
    this.stopWatching?.();
    if (this.capture) {
      const { stream, context, node, track } = this.capture;
      this.capture = null;
      track.onended = null;
      stream.getTracks().forEach((t) => t.stop());
      node.port.postMessage({ stopped: true });
      context.close();
    }
    this.say(why, wrong);
  }
  fail(error) {
    this.stop(microphoneTrouble(error), true);
    this.tell("error", { name: error.name, sentence: this.said });
  }
  kernelGone(why) {
    this.stop(`The kernel ${why}, so the microphone is off: run the cells again from the top.`, true);
  }
  batch({ pcm, peak, first, lost, at }) {
    if (!this.capture) return;
    if (this.active && !this.recording) this.tell("audio", { first, lost, at }, [pcm]);
    if (!this.recording) this.show(peak);
  }
  show(level) {
    this.level = level;
    for (const view of this.views) view.meter();
  }

  // what the buttons do
  press() {
    if (this.capture || (this.active && this.recording)) {
      this.model.set("muted", !this.muted);
      this.model.save_changes();
    } else this.start();
  }
  hangUp() {
    if (!(this.capture || this.opening || this.active)) return;
    this.stop("Hung up.", false);
    this.tell("hang_up");
  }
  toggleRecording() {
    const use = !this.recording;
    if (use) this.stop("", false);
    this.model.set("use_recording", use);
    this.model.save_changes();
    if (!use && this.active) this.start();
    this.tell("recording", { use });
  }

  message(m) {
    if (m.page && m.page !== this.page) return; // meant for another tab
    if (m.kind === "ping") this.tell("hello");
    else if (m.kind === "start") this.start();
    else if (m.kind === "stop") this.wrong ? this.stop() : this.stop(m.why, m.wrong);
    else if (m.kind === "level") this.show(m.level);
  }
  pageChanged() {
    if (this.capture && this.model.get("page") && this.model.get("page") !== this.page) this.stop("Another tab shows this notebook now, so the microphone is off here.", false);
    this.paint();
  }
  muteChanged() {
    this.capture?.node.port.postMessage({ muted: this.muted });
    this.paint();
  }
  say(words, wrong = false) {
    this.said = words ?? "";
    this.wrong = wrong;
    this.paint();
  }
  words() {
    if (this.wrong) return this.said;
    if (this.opening) return "Allow the microphone where the browser asks.";
    if (this.active && this.recording) return this.muted ? "Muted." : "The recording speaks.";
    if (this.capture) {
      if (this.muted) return "Muted.";
      return this.active ? "Listening." : "A test: nothing is sent.";
    }
    if (this.active) return this.said || "Off: press Start to speak.";
    if (this.recording) return "The recording will speak for you.";
    return this.said || "Off.";
  }
  paint() {
    for (const view of this.views) view.paint();
  }
}

class MicrophoneView {
  constructor(state, el) {
    this.state = state;
    this.mainWords = make("span");
    this.main = make("button", { class: "rt-button rt-main", type: "button", onclick: () => state.press() }, icon(ICONS.microphone), this.mainWords);
    this.end = make("button", { class: "rt-button rt-end", type: "button", onclick: () => state.hangUp() }, icon(ICONS.hangUp), make("span", {}, "Hang up"));
    this.bar = make("div", { class: "rt-bar" });
    this.meterElement = make("div", { class: "rt-meter", role: "meter", "aria-label": "Microphone level", "aria-valuemin": "0", "aria-valuemax": "100" }, this.bar);
    this.status = make("span", { class: "rt-status", role: "status", "aria-live": "polite" });
    el.classList.add("rt-widget", "rt-microphone");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", "Microphone");
    this.tape = make("button", { class: "rt-button rt-tape", type: "button", onclick: () => state.toggleRecording() }, icon(ICONS.recording), make("span", {}, "Use the recording"));
    this.tape.hidden = !state.model.get("rehearsal");
    el.append(this.main, this.end, this.tape, this.meterElement, this.status);
    this.paint();
  }
  paint() {
    const { state } = this;
    const running = state.capture || (state.active && state.recording);
    const words = running ? (state.muted ? "Unmute" : "Mute") : "Start";
    if (this.mainWords.textContent !== words) this.mainWords.textContent = words;
    this.main.classList.toggle("rt-on", Boolean(running) && !state.muted);
    // Not `disabled`: a button that is disabled under the reader's fingers loses the keyboard's focus.
    this.main.setAttribute("aria-disabled", String(state.opening));
    this.end.setAttribute("aria-disabled", String(!(running || state.opening || state.active)));
    this.tape.setAttribute("aria-pressed", String(Boolean(state.recording)));
    this.meterElement.classList.toggle("rt-quiet", !running || state.muted);
    const said = state.words();
    if (this.status.textContent !== said) this.status.textContent = said; // an unchanged text is not announced again
    this.status.classList.toggle("rt-wrong", state.wrong);
    this.meter();
  }
  meter() {
    // Decibels, from -60 (nothing) to 0 (too loud): ears hear ratios.
    const { level, muted } = this.state;
    const percent = muted || level <= 0 ? 0 : Math.max(0, Math.min(100, (20 * Math.log10(level) + 60) / 0.6));
    this.bar.style.setProperty("--level", percent.toFixed(0) + "%");
    this.meterElement.setAttribute("aria-valuenow", percent.toFixed(0));
    this.meterElement.setAttribute("aria-valuetext", muted ? "muted" : `${percent.toFixed(0)} percent`);
  }
}

export default () => {
  let state;
  return {
    initialize({ model }) {
      state = new MicrophoneState(model);
      const changed = () => state.paint();
      model.on("msg:custom", (message) => state.message(message));
      model.on("change:muted", () => state.muteChanged());
      model.on("change:active", changed);
      model.on("change:use_recording", changed);
      model.on("change:page", () => state.pageChanged());
      if (model.get("active")) state.say("The page was reloaded, so the microphone is off: press Start to speak on.");
      state.tell("hello");
      return () => state.stop();
    },
    render({ el }) {
      const view = new MicrophoneView(state, el);
      state.views.add(view);
      return () => {
        state.views.delete(view);
        if (!state.views.size && !state.active) state.stop(); // a test that nobody can see is over
      };
    },
  };
};
