/** JSON-RPC's own codes and the one MCP adds for resources. */
export const RPC = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** https://modelcontextprotocol.io/specification/2025-11-25/server/resources#error-handling */
  resourceNotFound: -32002,
} as const;

/** A failure of the protocol itself, answered as a JSON-RPC error. A tool's failure is none. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: keyof typeof RPC, message: string, data?: unknown) {
    super(message);
    this.name = "RpcError";
    this.code = RPC[code];
    this.data = data;
  }
}
