import { SbError, type SbErrorCode } from "../core/kernel/errors.ts";

/** Exit code of every failure; 0 is success, 1 a bug, 130 an interruption. */
export const EXIT_CODES = {
  invalid_input: 2,
  not_found: 3,
  conflict: 4,
  forbidden: 5,
  unavailable: 6,
  corrupt: 7,
} as const satisfies Record<SbErrorCode, number>;

export const EXIT_BUG = 1;
export const EXIT_INTERRUPTED = 130;

/** What is printed on standard error for a failure, and the exit code. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/** A failure as a person reads it (`sb: …`, then the hint), or one line of JSON for a program. */
export function describeFailure(error: unknown, { json }: { json: boolean }): Failure {
  if (error instanceof SbError) {
    const { code, message, hint } = error;
    const text = json
      ? `${JSON.stringify({ error: { code, message, ...(hint ? { hint } : {}) } })}\n`
      : `sb: ${message}\n${hint ? `  hint: ${hint}\n` : ""}`;
    return { text, exitCode: EXIT_CODES[code] };
  }
  return { text: bugText(error, json), exitCode: EXIT_BUG };
}

/** Anything that is no SbError is a fault of ours: the stack is what a report needs. */
function bugText(error: unknown, json: boolean): string {
  const message = `internal error: ${error instanceof Error ? error.message : String(error)}`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  if (json) return `${JSON.stringify({ error: { code: "bug", message, stack } })}\n`;
  return `sb: ${message}\n${stack ? `${stack}\n` : ""}  hint: this is a fault of sb; please report it\n`;
}
