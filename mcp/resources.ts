import type {
  ReadResourceResult,
  Resource,
  ResourceTemplate,
} from "@modelcontextprotocol/sdk/types.js";
import { findEntry } from "../core/capabilities.ts";
import { SbError } from "../core/kernel/errors.ts";
import { renderHandoff } from "../core/session/handoff.ts";
import { type CallContext, failureText, stackOf } from "./from-capability.ts";
import { RpcError } from "./rpc-error.ts";

interface Content {
  readonly mimeType: "application/json" | "text/markdown";
  readonly text: string;
}

/** Where something can be read: a fixed address, or one whose end is an id. */
interface Place {
  readonly prefix: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: Content["mimeType"];
  /** `id` is what follows the prefix; "" at a fixed address. */
  read(id: string, context: CallContext): Promise<Content>;
}

const FIXED: readonly Place[] = [
  {
    prefix: "sb://session/current",
    name: "session",
    title: "Current session",
    description: "The running session, the memory, and whether everything is recorded",
    mimeType: "application/json",
    read: (_id, context) => call("status", {}, context),
  },
  {
    prefix: "sb://handoff/latest",
    name: "handoff",
    title: "Latest hand-off",
    description: "What the last session of this project left for the next",
    mimeType: "text/markdown",
    async read(_id, { services }) {
      const { session } = await services();
      const handoff = session.previous()?.handoff;
      if (!handoff) throw new SbError("not_found", "this project has no hand-off yet");
      return { mimeType: "text/markdown", text: renderHandoff(handoff) };
    },
  },
];

const BY_ID: readonly Place[] = [
  {
    prefix: "sb://insight/",
    name: "insight",
    title: "One insight",
    description: "An insight with its source, by the id that search_insights gives",
    mimeType: "application/json",
    async read(id, { services }) {
      const insight = (await services()).insight.get(id);
      if (!insight) throw new SbError("not_found", `no insight ${id}`);
      return asJson(insight);
    },
  },
  {
    prefix: "sb://memory/",
    name: "memory",
    title: "One memory",
    description: "A remembered document whole, by the id that a search gives",
    mimeType: "application/json",
    read: (id, context) => call("get_memory", { id }, context),
  },
];

export function listResources(): Resource[] {
  return FIXED.map(({ prefix, read: _read, ...rest }) => ({ uri: prefix, ...rest }));
}

export function listTemplates(): ResourceTemplate[] {
  return BY_ID.map(({ prefix, read: _read, ...rest }) => ({
    uriTemplate: `${prefix}{id}`,
    ...rest,
  }));
}

/**
 * Answers `resources/read`.
 * @throws RpcError resource not found (-32002) for an address that names nothing, invalid params
 * for what is no address, internal for the rest; the message is `code: message (hint)`.
 */
export async function readResource(
  uri: unknown,
  context: CallContext,
): Promise<ReadResourceResult> {
  if (typeof uri !== "string") throw new RpcError("invalidParams", "resources/read needs a uri");
  const { place, id } = find(uri);
  try {
    return { contents: [{ uri, ...(await place.read(id, context)) }] };
  } catch (error) {
    if (!(error instanceof SbError)) context.log.error(`resource: ${stackOf(error)}`);
    throw new RpcError(codeOf(error), failureText(error), { uri });
  }
}

function find(uri: string): { place: Place; id: string } {
  const fixed = FIXED.find(({ prefix }) => prefix === uri);
  if (fixed) return { place: fixed, id: "" };
  const byId = BY_ID.find(({ prefix }) => uri.startsWith(prefix));
  const id = byId && decode(uri.slice(byId.prefix.length));
  if (!byId || !id) throw new RpcError("resourceNotFound", "Resource not found", { uri });
  return { place: byId, id };
}

/** The text behind percent signs, or undefined where they are misused. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function call(name: string, input: object, context: CallContext): Promise<Content> {
  const capability = await findEntry(name)?.load();
  if (!capability) throw new SbError("not_found", `${name} is not in this version`);
  return asJson(await capability.call(await context.services(), input));
}

function asJson(value: unknown): Content {
  return { mimeType: "application/json", text: JSON.stringify(value) };
}

function codeOf(error: unknown): "resourceNotFound" | "invalidParams" | "internal" {
  if (!(error instanceof SbError)) return "internal";
  if (error.code === "not_found") return "resourceNotFound";
  return error.code === "invalid_input" ? "invalidParams" : "internal";
}
