/** What `sb` may do unasked that reaches beyond its own data. */
export interface Operation {
  readonly name: OperationName;
  /** One sentence. */
  readonly summary: string;
  /** Whether it is trusted as long as nobody says otherwise. */
  readonly byDefault: boolean;
  /** Whether it can be trusted for one project. */
  readonly isPerProject: boolean;
}

export const OPERATION_NAMES = ["dependency_sync", "model_download"] as const;
export type OperationName = (typeof OPERATION_NAMES)[number];

/**
 * Every operation. Installing runs the code of others, so each project is trusted by its user. The
 * model is one file of known checksum, from the registry or hub that is configured, and sends
 * nothing: without it there is no search by meaning, so it is trusted until revoked.
 */
export const OPERATIONS: readonly Operation[] = [
  {
    name: "dependency_sync",
    summary: "Install what a lock file says, after a start, where something is missing.",
    byDefault: false,
    isPerProject: true,
  },
  {
    name: "model_download",
    summary: "Fetch the embedding model once, in the background of sb mcp.",
    byDefault: true,
    isPerProject: false,
  },
];

/** One line of the trust list. */
export interface Grant {
  readonly operation: string;
  /** Folder of the project; everywhere without one. */
  readonly project?: string;
  /** ISO time; missing where a hand or the original wrote the line. */
  readonly at?: string;
}

/** The trust list as the file has it. */
export interface TrustList {
  readonly trusted: readonly Grant[];
  readonly revoked: readonly Grant[];
}

/** Whether `list` lets `name` run in the project at `place`: the nearer line wins, then the refusal. */
export function isTrusted(list: TrustList, name: OperationName, place?: string): boolean {
  const has = (grants: readonly Grant[], where: string | undefined) =>
    grants.some((grant) => grant.operation === name && grant.project === where);
  for (const where of place === undefined ? [undefined] : [place, undefined]) {
    if (has(list.revoked, where)) return false;
    if (has(list.trusted, where)) return true;
  }
  return OPERATIONS.some((operation) => operation.name === name && operation.byDefault);
}
