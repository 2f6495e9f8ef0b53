// Drives the official Node SDKs for the tests: one JSON command a line on stdin, one JSON outcome a line on stdout.
// The SDK's own stream helpers put streamed answers together, so what they can't follow shows.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const require = createRequire(join(process.env.HANSE_NODE_CLIENTS, "package.json"));
const OpenAI = require("openai");
const Anthropic = require("@anthropic-ai/sdk");

const headersOf = (response) => Object.fromEntries(response.headers.entries());

// The SDKs give the headers of some calls only; a fetch of our own sees them all.
function watchedFetch(seen) {
  return async (url, init) => {
    const response = await fetch(url, init);
    seen.headers = headersOf(response);
    seen.status = response.status;
    return response;
  };
}

function clientOf(command, seen) {
  const common = { apiKey: command.key, maxRetries: 0, timeout: command.timeout_s * 1000, fetch: watchedFetch(seen) };
  if (command.dialect === "openai") return new OpenAI({ ...common, baseURL: command.base + "/v1" });
  return new Anthropic({ ...common, baseURL: command.base });
}

const events = {
  openai: "chunk",
  anthropic: "streamEvent",
};

async function streamed(command, api, options, outcome) {
  const stream = api.stream(command.params, options);
  stream.on(events[command.dialect], () => {
    outcome.events += 1;
    if (outcome.events === command.stop_after) stream.abort();
  });
  if (command.dialect === "anthropic") return await stream.finalMessage();
  return await stream.finalChatCompletion();
}

async function perform(command, seen, outcome) {
  const client = clientOf(command, seen);
  const options = { headers: command.headers };
  if (command.what === "models") {
    const ids = [];
    for await (const model of client.models.list(options)) ids.push(model.id);
    return ids;
  }
  const api = command.dialect === "openai" ? client.chat.completions : client.messages;
  if (command.stream) return await streamed(command, api, options, outcome);
  return await api.create(command.params, options);
}

function classesOf(error) {
  const names = [];
  for (let at = error; at && at.constructor !== Object; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "constructor")) names.push(at.constructor.name);
  }
  return names;
}

async function run(command) {
  const seen = {};
  const outcome = { events: 0, answer: null, error: null };
  try {
    outcome.answer = await perform(command, seen, outcome);
  } catch (error) {
    outcome.error = {
      classes: classesOf(error),
      status: error.status ?? null,
      message: String(error.message),
      body: error.error ?? null,
    };
  }
  return { ...outcome, headers: seen.headers ?? {}, status: seen.status ?? null };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + "\n");
}
