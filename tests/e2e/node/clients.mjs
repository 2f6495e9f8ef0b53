// One Node client of the clients suite: `node clients.mjs NAME`. Says a text, a stream and a tool's turn, plain and
// streamed, through the gateway at BASE to MODEL, and prints what it made of the answers as one JSON object.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.HANSE_NODE_CLIENTS, "package.json"));
const { BASE, MODEL, WORDS, CITY, RESULT, CLIENT_KEY, CLIENT_SECRET, SIGNER } = process.env;
const ECHO = `echo ${WORDS}`;
const ASK = `call get_weather with city=${CITY} unit=C`;
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, unit: { type: "string", enum: ["C", "F"] } },
  required: ["city", "unit"],
};
const REGION = "eu-central-1";
const quiet = { maxRetries: 0, timeout: 30_000 };

// A client is { text(), pieces(), turn(streamed) }; turn() gives { calls: [{ name, arguments }], last }.

function openaiChat(client) {
  const ask = (messages, more = {}) => ({ model: MODEL, messages, ...more });
  const tools = [{ type: "function", function: { name: "get_weather", description: "A tool.", parameters: SCHEMA } }];
  async function message(messages, streamed) {
    const asked = ask(messages, { tools });
    if (streamed) return (await client.chat.completions.stream(asked).finalChatCompletion()).choices[0].message;
    return (await client.chat.completions.create(asked)).choices[0].message;
  }
  return {
    text: async () =>
      (await client.chat.completions.create(ask([{ role: "user", content: ECHO }]))).choices[0].message.content,
    async pieces() {
      const out = [];
      const stream = await client.chat.completions.create(ask([{ role: "user", content: ECHO }], { stream: true }));
      for await (const chunk of stream) out.push(chunk.choices[0]?.delta?.content ?? "");
      return out;
    },
    async turn(streamed) {
      const first = { role: "user", content: ASK };
      const said = await message([first], streamed);
      const { tool_calls } = said;
      const answers = tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: RESULT }));
      const again = { role: "assistant", content: said.content, tool_calls };
      const last = await message([first, again, ...answers], streamed);
      const calls = tool_calls.map((call) => ({
        name: call.function.name,
        arguments: JSON.parse(call.function.arguments),
      }));
      return { calls, last: last.content };
    },
  };
}

function openaiResponses(client) {
  const tools = [{ type: "function", name: "get_weather", description: "A tool.", parameters: SCHEMA, strict: false }];
  const ask = (input, more = {}) => ({ model: MODEL, input, store: false, ...more });
  const answer = (input, streamed) =>
    streamed
      ? client.responses.stream(ask(input, { tools })).finalResponse()
      : client.responses.create(ask(input, { tools }));
  return {
    text: async () => (await client.responses.create(ask(ECHO))).output_text,
    async pieces() {
      const out = [];
      for await (const event of await client.responses.create(ask(ECHO, { stream: true })))
        if (event.type === "response.output_text.delta") out.push(event.delta);
      return out;
    },
    async turn(streamed) {
      const first = { role: "user", content: ASK };
      const said = await answer([first], streamed);
      const calls = said.output.filter((item) => item.type === "function_call");
      const answers = calls.map(({ call_id }) => ({ type: "function_call_output", call_id, output: RESULT }));
      const last = await answer([first, ...said.output, ...answers], streamed);
      return {
        calls: calls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) })),
        last: last.output_text,
      };
    },
  };
}

function anthropic(client) {
  const tools = [{ name: "get_weather", description: "A tool.", input_schema: SCHEMA }];
  const ask = (messages, more = {}) => ({ model: MODEL, max_tokens: 500, messages, ...more });
  const textOf = (message) => message.content.map((part) => part.text ?? "").join("");
  const message = (messages, streamed) =>
    streamed
      ? client.messages.stream(ask(messages, { tools })).finalMessage()
      : client.messages.create(ask(messages, { tools }));
  return {
    text: async () => textOf(await client.messages.create(ask([{ role: "user", content: ECHO }]))),
    async pieces() {
      const out = [];
      for await (const event of await client.messages.create(ask([{ role: "user", content: ECHO }], { stream: true })))
        if (event.type === "content_block_delta") out.push(event.delta.text ?? "");
      return out;
    },
    async turn(streamed) {
      const first = { role: "user", content: ASK };
      const said = await message([first], streamed);
      const uses = said.content.filter((part) => part.type === "tool_use");
      const content = uses.map((use) => ({ type: "tool_result", tool_use_id: use.id, content: RESULT }));
      const last = await message(
        [first, { role: "assistant", content: said.content }, { role: "user", content }],
        streamed,
      );
      return { calls: uses.map((use) => ({ name: use.name, arguments: use.input })), last: textOf(last) };
    },
  };
}

function bedrock() {
  const { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } = require("@aws-sdk/client-bedrock-runtime");
  const client = new BedrockRuntimeClient({
    endpoint: BASE,
    region: REGION,
    maxAttempts: 1,
    credentials: { accessKeyId: SIGNER, secretAccessKey: CLIENT_SECRET },
  });
  const user = (text) => ({ role: "user", content: [{ text }] });
  const toolConfig = {
    tools: [{ toolSpec: { name: "get_weather", description: "A tool.", inputSchema: { json: SCHEMA } } }],
  };
  const textOf = (content) => content.map((block) => block.text ?? "").join("");
  async function streamed(asked) {
    const content = [];
    const pieces = [];
    let stop = null;
    for await (const event of (await client.send(new ConverseStreamCommand(asked))).stream) {
      const { contentBlockStart: start, contentBlockDelta: delta, messageStop } = event;
      if (start) content[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: "" } };
      if (delta?.delta.text !== undefined) {
        content[delta.contentBlockIndex] ??= { text: "" };
        content[delta.contentBlockIndex].text += delta.delta.text;
        pieces.push(delta.delta.text);
      }
      if (delta?.delta.toolUse) content[delta.contentBlockIndex].toolUse.input += delta.delta.toolUse.input;
      if (messageStop) stop = messageStop.stopReason;
    }
    if (stop === null) throw new Error("the stream has no messageStop");
    for (const block of content) if (block.toolUse) block.toolUse.input = JSON.parse(block.toolUse.input);
    return { content, pieces };
  }
  const plain = async (asked) => (await client.send(new ConverseCommand(asked))).output.message;
  return {
    text: async () => textOf((await plain({ modelId: MODEL, messages: [user(ECHO)] })).content),
    pieces: async () => (await streamed({ modelId: MODEL, messages: [user(ECHO)] })).pieces,
    async turn(asStream) {
      const ask = asStream ? streamed : plain;
      const said = await ask({ modelId: MODEL, messages: [user(ASK)], toolConfig });
      const uses = said.content.filter((block) => block.toolUse).map((block) => block.toolUse);
      const results = uses.map((use) => ({ toolResult: { toolUseId: use.toolUseId, content: [{ text: RESULT }] } }));
      const messages = [user(ASK), { role: "assistant", content: said.content }, { role: "user", content: results }];
      const last = await ask({ modelId: MODEL, messages, toolConfig });
      return { calls: uses.map((use) => ({ name: use.name, arguments: use.input })), last: textOf(last.content) };
    },
  };
}

function google() {
  const { GoogleGenAI } = require("@google/genai");
  const { models } = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: BASE, timeout: 30_000 } });
  const tools = [
    { functionDeclarations: [{ name: "get_weather", description: "A tool.", parametersJsonSchema: SCHEMA }] },
  ];
  async function parts(contents, streamed) {
    const asked = { model: MODEL, contents, config: { tools } };
    if (!streamed) return (await models.generateContent(asked)).candidates[0].content.parts;
    const out = [];
    for await (const chunk of await models.generateContentStream(asked))
      out.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    return out;
  }
  return {
    text: async () => (await models.generateContent({ model: MODEL, contents: ECHO })).text,
    async pieces() {
      const out = [];
      for await (const chunk of await models.generateContentStream({ model: MODEL, contents: ECHO }))
        out.push(chunk.text ?? "");
      return out;
    },
    async turn(streamed) {
      const first = { role: "user", parts: [{ text: ASK }] };
      const said = await parts([first], streamed);
      const calls = said.filter((part) => part.functionCall).map((part) => part.functionCall);
      const answers = calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { result: RESULT } } }));
      const last = await parts([first, { role: "model", parts: said }, { role: "user", parts: answers }], streamed);
      return {
        calls: calls.map((call) => ({ name: call.name, arguments: call.args })),
        last: last.map((part) => part.text ?? "").join(""),
      };
    },
  };
}

// Vercel's AI SDK goes round by itself: the model calls, the tool answers, the model ends.
function vercel(model) {
  const { generateText, streamText, tool, jsonSchema, stepCountIs } = require("ai");
  async function told(stream) {
    const out = [];
    for await (const part of stream.fullStream) {
      if (part.type === "error") throw part.error;
      if (part.type === "text-delta") out.push(part.text);
    }
    return out;
  }
  return {
    text: async () => (await generateText({ model, prompt: ECHO, maxRetries: 0 })).text,
    pieces: () => told(streamText({ model, prompt: ECHO, maxRetries: 0 })),
    async turn(streamed) {
      const calls = [];
      const execute = (input) => {
        calls.push({ name: "get_weather", arguments: input });
        return RESULT;
      };
      const asked = {
        model,
        prompt: ASK,
        maxRetries: 0,
        stopWhen: stepCountIs(4),
        tools: { get_weather: tool({ description: "A tool.", inputSchema: jsonSchema(SCHEMA), execute }) },
      };
      if (!streamed) return { calls, last: (await generateText(asked)).text };
      const stream = streamText(asked);
      await told(stream);
      return { calls, last: await stream.text };
    },
  };
}

const aws = { region: REGION, accessKeyId: SIGNER, secretAccessKey: CLIENT_SECRET };
const key = { apiKey: CLIENT_KEY };

const CLIENTS = {
  "openai, Chat": () => {
    const OpenAI = require("openai");
    return openaiChat(new OpenAI({ baseURL: `${BASE}/v1`, ...key, ...quiet }));
  },
  "openai, Responses": () => {
    const OpenAI = require("openai");
    return openaiResponses(new OpenAI({ baseURL: `${BASE}/v1`, ...key, ...quiet }));
  },
  "@anthropic-ai/sdk": () => {
    const Anthropic = require("@anthropic-ai/sdk");
    return anthropic(new Anthropic({ baseURL: BASE, ...key, ...quiet }));
  },
  "openai AzureOpenAI": () => {
    const { AzureOpenAI } = require("openai");
    return openaiChat(new AzureOpenAI({ endpoint: BASE, apiVersion: "2024-10-21", ...key, ...quiet }));
  },
  "@anthropic-ai/bedrock-sdk": () => {
    const { AnthropicBedrock } = require("@anthropic-ai/bedrock-sdk");
    const signs = { awsRegion: REGION, awsAccessKey: SIGNER, awsSecretKey: CLIENT_SECRET };
    return anthropic(new AnthropicBedrock({ baseURL: BASE, ...signs, ...quiet }));
  },
  "@anthropic-ai/bedrock-sdk Mantle": () => {
    const { AnthropicBedrockMantle } = require("@anthropic-ai/bedrock-sdk");
    const signs = { awsRegion: REGION, awsAccessKey: SIGNER, awsSecretAccessKey: CLIENT_SECRET };
    return anthropic(new AnthropicBedrockMantle({ baseURL: `${BASE}/anthropic`, ...signs, ...quiet }));
  },
  "@anthropic-ai/vertex-sdk": () => {
    const { AnthropicVertex } = require("@anthropic-ai/vertex-sdk");
    const { OAuth2Client } = require("google-auth-library");
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: CLIENT_KEY });
    const place = { region: "europe-west4", projectId: "quay", authClient };
    return anthropic(new AnthropicVertex({ baseURL: `${BASE}/v1`, ...place, ...quiet }));
  },
  "@aws-sdk/client-bedrock-runtime": bedrock,
  "@google/genai": google,
  "@ai-sdk/openai": () => vercel(require("@ai-sdk/openai").createOpenAI({ baseURL: `${BASE}/v1`, ...key })(MODEL)),
  "@ai-sdk/openai Chat": () =>
    vercel(require("@ai-sdk/openai").createOpenAI({ baseURL: `${BASE}/v1`, ...key }).chat(MODEL)),
  "@ai-sdk/anthropic": () =>
    vercel(require("@ai-sdk/anthropic").createAnthropic({ baseURL: `${BASE}/v1`, ...key })(MODEL)),
  "@ai-sdk/amazon-bedrock": () =>
    vercel(require("@ai-sdk/amazon-bedrock").createAmazonBedrock({ baseURL: BASE, ...aws })(MODEL)),
  "@ai-sdk/google": () =>
    vercel(require("@ai-sdk/google").createGoogleGenerativeAI({ baseURL: `${BASE}/v1beta`, ...key })(MODEL)),
  "@ai-sdk/azure": () => vercel(require("@ai-sdk/azure").createAzure({ baseURL: `${BASE}/openai`, ...key })(MODEL)),
  "@ai-sdk/openai-compatible": () => {
    const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
    return vercel(createOpenAICompatible({ name: "hanse", baseURL: `${BASE}/v1`, ...key })(MODEL));
  },
};

const client = CLIENTS[process.argv[2]]();
const outcome = {
  text: await client.text(),
  pieces: await client.pieces(),
  plain: await client.turn(false),
  streamed: await client.turn(true),
};
process.stdout.write(JSON.stringify(outcome) + "\n");
process.exit(0); // pools keep their connections
