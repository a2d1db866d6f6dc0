import { z } from "zod";

/** One answer of the scripted model. A prompt has a list of them: one per request it leads to. */
export type Step =
  | { readonly kind: "say"; readonly text: string }
  | {
      readonly kind: "use";
      readonly tool: string;
      readonly input: Record<string, unknown>;
      /** Said before the call, in the same message. */
      readonly text: string;
    }
  /** Begins an answer and never ends it, until the client hangs up. */
  | { readonly kind: "stall" };

/** Ends the turn with `text`. */
export const say = (text: string): Step => ({ kind: "say", text });
/** Calls one of the client's tools, after saying `text` where there is one. */
export const use = (tool: string, input: Record<string, unknown>, text = ""): Step => ({
  kind: "use",
  tool,
  input,
  text,
});
/** Keeps the client waiting. */
export const stall: Step = { kind: "stall" };

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.unknown().optional(),
});
const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(Block)]),
});
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  messages: z.array(Message),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
});
type Message = z.infer<typeof Message>;
type Body = z.infer<typeof Body>;

/** A request as the model would have seen it. */
export interface ApiRequest {
  readonly body: Body;
  /** The scripted prompt it continues; undefined for a request that no script foresaw. */
  readonly prompt: string | undefined;
}

export interface ModelApi {
  readonly url: string;
  /** In order of arrival. */
  readonly requests: readonly ApiRequest[];
  /** Scripts the answers to the user message that holds `prompt`, one step per request. */
  script(prompt: string, steps: readonly Step[]): void;
  /** What the client gets when it asks for a summary of the conversation. */
  summarise(text: string): void;
  /** The requests that continue `prompt`, in order. */
  requestsFor(prompt: string): readonly ApiRequest[];
  stop(): Promise<void>;
}

/** A stand-in for the Messages API on a free port of the loopback: scripted words, no model. */
export function startModelApi(): ModelApi {
  const scripts = new Map<string, readonly Step[]>();
  const requests: ApiRequest[] = [];
  let summary = "Nothing happened.";
  const answer = (body: Body): Response => {
    const found = place(body.messages, scripts);
    requests.push({ body, prompt: found?.prompt });
    const step = wantsSummary(body)
      ? say(`<analysis>Read it all.</analysis>\n<summary>${summary}</summary>`)
      : (found?.step ?? say("Nothing was scripted for this."));
    return respond(step, { id: requests.length, body });
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0, // A stalled answer may last longer than the ten seconds allowed by default.
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname !== "/v1/messages") return Response.json({ input_tokens: 10 });
      return answer(Body.parse(await request.json()));
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    script: (prompt, steps) => void scripts.set(prompt, steps),
    summarise: (text) => {
      summary = text;
    },
    requestsFor: (prompt) => requests.filter((request) => request.prompt === prompt),
    stop: () => server.stop(true),
  };
}

/** All text that the model would have read in `request`, tool results and system rows included. */
export function seenByModel(request: ApiRequest | undefined): string {
  return JSON.stringify(request?.body.messages ?? []);
}

/** The text of the tool results in the newest message of `request` that has any. */
export function toolResults(request: ApiRequest | undefined): string[] {
  const results = (request?.body.messages ?? []).map(({ content }) =>
    typeof content === "string" ? [] : content.filter(({ type }) => type === "tool_result"),
  );
  const newest = results.findLast((blocks) => blocks.length > 0) ?? [];
  return newest.map(({ content }) => textOf(z.union([z.string(), z.array(Block)]).parse(content)));
}

/** The text of the user messages of `request`, oldest first. */
export function userTexts(request: ApiRequest | undefined): string[] {
  return (request?.body.messages ?? [])
    .filter(({ role }) => role === "user")
    .map(({ content }) => textOf(content));
}

function textOf(content: Message["content"]): string {
  if (typeof content === "string") return content;
  return content.map(({ text }) => text ?? "").join("\n");
}

/** The newest scripted prompt in the conversation, and the step that is due: one per answer since. */
function place(messages: readonly Message[], scripts: ReadonlyMap<string, readonly Step[]>) {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role !== "user") continue;
    const text = textOf(message.content);
    for (const [prompt, steps] of scripts) {
      if (!text.includes(prompt)) continue;
      const answers = messages.slice(index).filter(({ role }) => role === "assistant").length;
      return { prompt, step: steps[answers] };
    }
  }
  return undefined;
}

/** The client asks for a compaction's summary with the words of its own prompt (2.1.330). */
function wantsSummary({ messages }: Body): boolean {
  const last = messages.findLast(({ role }) => role === "user");
  const text = last ? textOf(last.content) : "";
  return text.includes("<summary>") && text.includes("Do NOT call any tools");
}

/** Token counts that differ from each other, so that a mixed-up field shows. */
const USAGE = {
  input_tokens: 11,
  cache_creation_input_tokens: 5,
  cache_read_input_tokens: 7,
  output_tokens: 1,
};

function respond(step: Step, { id, body }: { readonly id: number; readonly body: Body }): Response {
  const base = {
    id: `msg_lab_${id}`,
    type: "message",
    role: "assistant",
    model: body.model,
    stop_sequence: null,
  };
  const stop_reason = step.kind === "use" ? "tool_use" : "end_turn";
  const blocks = blocksOf(step, id);
  if (!body.stream) {
    return Response.json({ ...base, content: blocks, stop_reason, usage: USAGE });
  }
  const begun = event("message_start", {
    message: { ...base, content: [], stop_reason: null, usage: USAGE },
  });
  const events = [begun, ...blocks.flatMap((block, index) => blockEvents(block, index))];
  if (step.kind === "stall") return eventStream(events.slice(0, -1), false);
  events.push(
    event("message_delta", {
      delta: { stop_reason, stop_sequence: null },
      usage: { ...USAGE, output_tokens: 42 },
    }),
    event("message_stop", {}),
  );
  return eventStream(events, true);
}

type AnswerBlock =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly input: Record<string, unknown>;
    };

function blocksOf(step: Step, id: number): AnswerBlock[] {
  if (step.kind === "stall") return [{ type: "text", text: "One moment" }];
  const text: AnswerBlock[] = step.text === "" ? [] : [{ type: "text", text: step.text }];
  if (step.kind === "say") return text;
  const { tool, input } = step;
  return [...text, { type: "tool_use", id: `toolu_lab_${id}`, name: tool, input }];
}

/** Start, content and stop of one block. */
function blockEvents(block: AnswerBlock, index: number): string[] {
  const [empty, delta] =
    block.type === "tool_use"
      ? [
          { ...block, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
        ]
      : [
          { type: "text", text: "" },
          { type: "text_delta", text: block.text },
        ];
  return [
    event("content_block_start", { index, content_block: empty }),
    event("content_block_delta", { index, delta }),
    event("content_block_stop", { index }),
  ];
}

function event(type: string, data: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function eventStream(events: readonly string[], ends: boolean): Response {
  const stream = new ReadableStream<string>({
    start(controller) {
      for (const text of events) controller.enqueue(text);
      if (ends) controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}
