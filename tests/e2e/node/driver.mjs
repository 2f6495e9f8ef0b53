// Drives the official Node SDKs for the tests: one JSON command a line on stdin, one JSON outcome a line on stdout.
// The SDK's own stream helpers put streamed answers together, so what they can't follow shows.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const require = createRequire(join(process.env.HANSE_NODE_CLIENTS, "package.json"));
const OpenAI = require("openai");
const Anthropic = require("@anthropic-ai/sdk");
const { GoogleGenAI } = require("@google/genai");

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
  if (command.dialect === "anthropic") return new Anthropic({ ...common, baseURL: command.base });
  return new OpenAI({ ...common, baseURL: command.base + "/v1" });
}

const events = {
  openai: "chunk",
  anthropic: "streamEvent",
  responses: "event",
};

// Responses' SDK gives failures as events, where others raise them.
function failOnEvent(event) {
  if (event.type !== "response.failed" && event.type !== "error") return;
  const words = event.type === "error" ? event : event.response.error;
  throw new OpenAI.APIError(undefined, { type: "told", message: words.message }, words.message, undefined);
}

async function streamed(command, api, options, outcome) {
  const stream = api.stream(command.params, options);
  if (command.dialect === "responses") return await foldedResponse(command, stream, outcome);
  stream.on(events[command.dialect], () => {
    outcome.events += 1;
    if (outcome.events === command.stop_after) stream.abort();
  });
  if (command.dialect === "anthropic") return await stream.finalMessage();
  return await stream.finalChatCompletion();
}

async function foldedResponse(command, stream, outcome) {
  let last = null;
  for await (const event of stream) {
    outcome.events += 1;
    if (outcome.events === command.stop_after) stream.abort();
    failOnEvent(event);
    last = event;
  }
  const whole = await stream.finalResponse();
  if (!["response.completed", "response.incomplete"].includes(last?.type)) {
    throw new OpenAI.APIError(undefined, { type: "told" }, "the stream has no last event", undefined);
  }
  return whole;
}

function apiOf(client, dialect) {
  if (dialect === "responses") return client.responses;
  return dialect === "openai" ? client.chat.completions : client.messages;
}

async function perform(command, seen, outcome) {
  const client = clientOf(command, seen);
  const options = { headers: command.headers };
  if (command.what === "models") {
    const ids = [];
    for await (const model of client.models.list(options)) ids.push(model.id);
    return ids;
  }
  const api = apiOf(client, command.dialect);
  if (command.stream) return await streamed(command, api, options, outcome);
  return await api.create(command.params, options);
}

// Google's SDK takes no fetch and asks with the global one; pieces are put together as its chats do.
async function google(command, seen, outcome) {
  const unwatched = globalThis.fetch;
  globalThis.fetch = async (url, init) => {
    const response = await unwatched(url, init);
    seen.headers = headersOf(response);
    seen.status = response.status;
    return response;
  };
  try {
    return await askGoogle(command, outcome);
  } finally {
    globalThis.fetch = unwatched;
  }
}

async function askGoogle(command, outcome) {
  const httpOptions = { baseUrl: command.base, timeout: command.timeout_s * 1000, headers: command.headers };
  const { models } = new GoogleGenAI({ apiKey: command.key, httpOptions });
  if (command.what === "models") {
    const names = [];
    for await (const model of await models.list()) names.push(model.name);
    return names;
  }
  if (!command.stream) return await models.generateContent(command.params);
  const leave = new AbortController();
  const config = { ...command.params.config, abortSignal: leave.signal };
  const pieces = [];
  for await (const piece of await models.generateContentStream({ ...command.params, config })) {
    outcome.events += 1;
    pieces.push(piece);
    if (outcome.events === command.stop_after) {
      leave.abort();
      return null;
    }
  }
  const parts = pieces.flatMap((piece) => piece.candidates?.[0]?.content?.parts ?? []);
  const whole = Object.assign({}, ...pieces);
  return { ...whole, candidates: [{ ...whole.candidates?.[0], content: { role: "model", parts } }] };
}

// Its one class of errors, and under the names that the other SDKs have for the status.
const NAMES = {
  400: "BadRequestError",
  401: "AuthenticationError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  429: "RateLimitError",
};

function googleError(error) {
  const said = JSON.parse(error.message.slice(error.message.indexOf("{")));
  const status = error.status ?? said.error.code;
  const name = status >= 500 ? "InternalServerError" : NAMES[status];
  return { classes: [...classesOf(error), "APIError", name], status, message: said.error.message, body: said };
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
    outcome.answer = await (command.dialect === "google" ? google : perform)(command, seen, outcome);
  } catch (error) {
    const ofGoogle = error.constructor.name === "ApiError";
    if (ofGoogle) outcome.error = googleError(error);
    else
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
