// The official JavaScript clients against the mock server at OPENAI_BASE_URL; started by interop_js/__main__.py.
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

const baseURL = process.env.OPENAI_BASE_URL;
const apiKey = process.env.OPENAI_API_KEY;

// The `openai` package makes every Realtime URL wss://, so TLS stands before the server.
const { CERTIFICATE, KEY } = process.env;
const front = tls.createServer({ key: fs.readFileSync(KEY), cert: fs.readFileSync(CERTIFICATE) }, (near) => {
  const far = net.connect(Number(new URL(baseURL).port), "127.0.0.1");
  near.pipe(far).pipe(near);
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
});
await new Promise((ready) => front.listen(0, "127.0.0.1", ready));

async function openai() {
  const client = new OpenAI({ baseURL: `https://127.0.0.1:${front.address().port}/v1`, apiKey });
  assert.ok((await client.models.list()).data.some((model) => model.id === "gpt-realtime"));
  const secret = await client.realtime.clientSecrets.create({ session: { type: "realtime" } });
  assert.match(secret.value, /^ek_/);
  const realtime = await OpenAIRealtimeWS.create(client, { model: "gpt-realtime" });
  realtime.on("error", (error) => assert.fail(error.message));
  await new Promise((created) => realtime.on("session.created", created));
  realtime.send({ type: "session.update", session: { type: "realtime", output_modalities: ["text"] } });
  const content = [{ type: "input_text", text: "Hi!" }];
  realtime.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
  realtime.send({ type: "response.create" });
  const { response } = await new Promise((done) => realtime.on("response.done", done));
  assert.equal(response.output[0].content[0].text, "There is a cat.");
  realtime.close();
}

async function agents() {
  const asked = [];
  const look = tool({
    name: "look",
    description: "See what is there.",
    parameters: {
      type: "object",
      properties: { at: { type: "string" } },
      required: ["at"],
      additionalProperties: false,
    },
    strict: true,
    execute: async ({ at }) => (asked.push(at), "a cat"),
  });
  const url = baseURL.replace("http", "ws") + "/realtime?model=gpt-realtime";
  const session = new RealtimeSession(new RealtimeAgent({ name: "Watcher", instructions: "Be brief.", tools: [look] }), {
    transport: new OpenAIRealtimeWebSocket({ url, useInsecureApiKey: true }),
    model: "gpt-realtime",
  });
  let bytes = 0;
  session.on("error", (error) => assert.fail(JSON.stringify(error)));
  session.on("audio", (event) => (bytes += event.data.byteLength));
  const twice = new Promise((done) => {
    let count = 0;
    session.transport.on("*", (event) => event.type === "response.done" && ++count === 2 && done());
  });
  await session.connect({ apiKey });
  session.sendMessage("What is on the sofa?");
  await twice;
  assert.deepEqual(asked, ["sofa"]);
  assert.ok(bytes > 24_000, "half a second of audio");
  assert.equal(session.history.at(-1).content[0].transcript, "There is a cat.");
  session.close();
}

for (const client of [openai, agents]) {
  await client();
  console.log(`${client.name}: well`);
}
process.exit(0);
