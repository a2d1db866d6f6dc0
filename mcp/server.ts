import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { JSONRPCRequest, Result } from "@modelcontextprotocol/sdk/types.js";
import type { ConfigFault } from "../core/kernel/config.ts";
import { VERSION } from "../core/kernel/version.ts";
import { asRecord, type CallContext, callTool } from "./from-capability.ts";
import { instructionsFor } from "./instructions.ts";
import { getPrompt, promptsOf } from "./prompts.ts";
import { listResources, listTemplates, readResource } from "./resources.ts";
import { RpcError } from "./rpc-error.ts";
import { toolsOf } from "./tools.ts";

export interface McpServerOptions extends CallContext {
  /** Awaited before each tool call and each read of a resource. It must not throw. */
  readonly ready?: () => Promise<void>;
  /** What of the configuration cannot be read. */
  readonly faults?: readonly ConfigFault[];
}

type Handler = (params: unknown) => Result | Promise<Result>;

/**
 * The MCP server, to be connected to a transport. It opens nothing before the first call.
 *
 * Requests go through the SDK's handler of last resort, not `setRequestHandler`: the latter checks
 * `tools/call` against its own schema first and would answer bad arguments with a protocol error
 * in its own words, where ours is a result that the model can act on.
 */
export function createMcpServer(options: McpServerOptions): Server {
  const server = new Server(
    { name: "session-buddy", title: "Session Buddy", version: VERSION },
    {
      capabilities: { tools: {}, prompts: {}, resources: {} },
      instructions: instructionsFor(options.profile, options.faults),
      jsonSchemaValidator: NO_ELICITATION,
    },
  );
  const handlers = handlersOf(options);
  server.fallbackRequestHandler = (request) => answer(handlers, request, options);
  server.onerror = (error) => options.log.debug(`protocol: ${withoutContent(error)}`);
  return server;
}

/** Takes the place of Ajv, which the SDK would set up at each start for a feature not used here. */
const NO_ELICITATION = {
  getValidator(): never {
    throw new RpcError("internal", "this server does not ask the user");
  },
};

function handlersOf(options: McpServerOptions): ReadonlyMap<string, Handler> {
  const { profile, ready = () => Promise.resolve() } = options;
  return new Map<string, Handler>([
    ["tools/list", () => ({ tools: toolsOf(profile) })],
    [
      "tools/call",
      async (params) => {
        await ready();
        return callTool(params, options);
      },
    ],
    ["prompts/list", () => ({ prompts: promptsOf(profile) })],
    ["prompts/get", (params) => getPrompt(asRecord(params), profile)],
    ["resources/list", () => ({ resources: listResources() })],
    ["resources/templates/list", () => ({ resourceTemplates: listTemplates() })],
    [
      "resources/read",
      async (params) => {
        await ready();
        return readResource(asRecord(params)["uri"], options);
      },
    ],
  ]);
}

async function answer(
  handlers: ReadonlyMap<string, Handler>,
  { method, params }: JSONRPCRequest,
  { log }: CallContext,
): Promise<Result> {
  const handler = handlers.get(method);
  if (!handler) throw new RpcError("methodNotFound", "Method not found");
  const began = performance.now();
  const result = await handler(params);
  const outcome = result["isError"] === true ? "failed" : "ok";
  log.debug(`${method} ${outcome} in ${Math.round(performance.now() - began)} ms`);
  return result;
}

/** The SDK quotes the message it could not use after a colon; logs hold no content. */
function withoutContent(error: Error): string {
  return error.message.split(":", 1)[0] ?? "";
}
