// What the microphone and the loudspeaker share in the page. Not a module of its own: it is put in front of each.

const PCM_RATE = 24000;

/** A windowed-sinc resampler for a stream; also shipped into the worklets as source text.
 *  Keeps below the lower of the two Nyquist frequencies, so nothing folds back; exact phases, so nothing drifts. */
class SincResampler {
  constructor(fromHz, toHz) {
    const gcd = (a, b) => (b ? gcd(b, a % b) : a);
    const g = gcd(fromHz, toHz);
    this.up = toHz / g;
    this.down = fromHz / g;
    const cutoff = 0.5 * Math.min(1, toHz / fromHz) * 0.92; // cycles per input sample
    this.half = Math.ceil(16 / cutoff / 2); // 16 zero crossings on each side
    const taps = 2 * this.half;
    this.phases = [];
    for (let p = 0; p < this.up; p++) {
      const h = new Float32Array(taps);
      let sum = 0;
      for (let k = 0; k < taps; k++) {
        const x = k - this.half + 1 - p / this.up;
        const w = x / this.half;
        const window = Math.abs(w) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * w) + 0.08 * Math.cos(2 * Math.PI * w);
        const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
        sum += h[k] = sinc * window;
      }
      for (let k = 0; k < taps; k++) h[k] /= sum; // each phase passes a constant unchanged
      this.phases.push(h);
    }
    this.reset();
  }
  reset() {
    this.held = new Float32Array(this.half - 1); // input before the first sample: silence
    this.phase = 0;
  }
  push(input) {
    const all = new Float32Array(this.held.length + input.length);
    all.set(this.held);
    all.set(input, this.held.length);
    const taps = 2 * this.half;
    const out = [];
    let at = 0;
    while (at + taps <= all.length) {
      const h = this.phases[this.phase];
      let y = 0;
      for (let k = 0; k < taps; k++) y += all[at + k] * h[k];
      out.push(y);
      this.phase += this.down;
      at += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    this.held = all.slice(at);
    return out;
  }
}

/** Load a worklet whose source is a function of this file: no second file to fetch, no server route needed. */
async function addWorklet(context, worklet) {
  const source = `const PCM_RATE = ${PCM_RATE};\n${SincResampler}\n(${worklet})();`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** An element: tag, properties, children. `aria-*`, `role` and `class` are attributes, the rest properties. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties))
    if (name === "role" || name === "class" || name.startsWith("aria-")) element.setAttribute(name, value);
    else element[name] = value;
  element.append(...children);
  return element;
}

const ICONS = {
  microphone: "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.9V21h2v-3.1A7 7 0 0 0 19 11z",
  hangUp: "M12 9c-1.6 0-3.2.3-4.6.7v3.1c0 .4-.2.7-.6.9-1 .5-1.9 1.1-2.7 1.9-.4.4-1 .4-1.4 0L.3 13.200a1 1 0 0 1 0-1.400C3.3 8.8 7.5 7 12 7s8.7 1.8 11.7 4.800a1 1 0 0 1 0 1.400l-2.4 2.400c-.4.4-1 .4-1.4 0-.8-.8-1.7-1.4-2.7-1.900a1 1 0 0 1-.6-.9V9.700C15.2 9.3 13.6 9 12 9z",
  recording: "M6.5 7a4.5 4.5 0 0 0 0 9h11a4.5 4.5 0 1 0-3.6-1.800h-3.800A4.5 4.5 0 0 0 6.5 7zm0 2.500a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm11 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  sound: "M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4zM14 3.200v2.100a7 7 0 0 1 0 13.400v2.100a9 9 0 0 0 0-17.600z",
  send: "M2 21l21-9L2 3v7l15 2-15 2z",
};

/** A 16 x 16 picture drawn in the text's colour; said to no screen reader, the words beside it are. */
function icon(path) {
  const span = make("span", { class: "rt-icon", "aria-hidden": "true" });
  span.innerHTML = `<svg viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path d="${path}"/></svg>`;
  return span;
}

/** What this page is, in words: for preflight. */
const frontEnd = () =>
  inVSCode() ? "VS Code" : /\/notebooks\//.test(location.pathname) ? "Notebook" : /\/lab/.test(location.pathname) ? "JupyterLab" : "an unknown front end";

const inVSCode = () => location.protocol === "vscode-webview:" || /vscode/.test(location.origin);

/** Calls `gone(why)` once when the kernel is restarted, shut down, or has stopped answering. Returns a function to end the watch.
 *  Three ways to notice, because front ends differ: the widget's channel closing, the kernel's status, and asking (if `ask` is given). */
function watchKernel(model, ask, gone) {
  const kernel = model.widget_manager?.kernel;
  const DEAD = { restarting: "was restarted", autorestarting: "died", dead: "died", terminating: "was shut down" };
  let over = false, unanswered = 0;
  const end = (why) => {
    if (over) return;
    stop();
    gone(why);
  };
  const status = (_, value) => value in DEAD && end(DEAD[value]);
  const live = (_, value) => value === false && end("was restarted or shut down");
  const close = () => end("was restarted or shut down");
  const timer = ask && setInterval(() => {
    if (unanswered++ >= 5) end("has not answered for ten seconds");
    else ask();
  }, 2000);
  const answered = (message) => { if (message.kind === "beat") unanswered = 0; };
  const stop = () => {
    over = true;
    clearInterval(timer);
    kernel?.statusChanged?.disconnect(status);
    model.off("comm_live_update", live);
    model.off("comm:close", close);
    model.off("msg:custom", answered);
  };
  kernel?.statusChanged?.connect(status);
  model.on("comm_live_update", live);
  model.on("comm:close", close);
  model.on("msg:custom", answered);
  return stop;
}
