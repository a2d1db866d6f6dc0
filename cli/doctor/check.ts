import type { Services } from "../../core/services.ts";
import type { Invocation } from "../command.ts";

/** One link of the chain, as it was found. */
export interface Check {
  readonly name: string;
  /** `warn`: everything is kept, something is less than it could be. */
  readonly state: "ok" | "warn" | "broken";
  readonly detail: string;
  /** The command that mends it, or what a person has to do. */
  readonly mend?: string;
}

/** What the checks look at. */
export interface Ward {
  readonly invocation: Invocation;
  /** Undefined where the store cannot even be read: `failure` says why. */
  readonly services: Services | undefined;
  readonly failure: unknown;
}

/** Makes the check of one name. */
export function checkOf(name: string) {
  return {
    ok: (detail: string): Check => ({ name, state: "ok", detail }),
    warn: (detail: string, mend?: string): Check => found("warn", detail, mend),
    broken: (detail: string, mend?: string): Check => found("broken", detail, mend),
  };
  function found(state: Check["state"], detail: string, mend: string | undefined): Check {
    return { name, state, detail, ...(mend === undefined ? {} : { mend }) };
  }
}

/** A path as a shell takes it for one word. */
export function quotedPath(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** One line of what was thrown. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
}

/** Said of what rests on a store that cannot even be read: that is what is broken. */
export const NOT_LOOKED_AT = "not looked at: the database cannot be opened";
