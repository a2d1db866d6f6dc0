import { truncate } from "../kernel/text.ts";
import {
  commandKey,
  type Edit,
  type ErrorCase,
  type FoundFix,
  mainError,
  type Observed,
  type ObservedCall,
} from "./model.ts";

/** Bounds of one fix: what is longer is no fix but a day's work. */
const MOST = { edits: 8, commands: 4, attempts: 20, open: 20 } as const;
const EDIT_CHARS = 400;
const EXPLANATION_CHARS = 500;

/** Commands that only look: they mend nothing. */
const LOOKING =
  /^(?:ls|cat|head|tail|grep|rg|find|fd|pwd|echo|which|type|file|wc|diff|tree|less|stat|ps|env|date|sleep|cd|true|git (?:status|diff|log|show|branch|blame))\b/;

/** A command that failed, and what was done since. */
interface OpenFailure {
  readonly error: ErrorCase;
  readonly command: string;
  readonly failedAt: number;
  readonly failedIn: string;
  readonly edits: Map<string, Edit>;
  readonly commands: Set<string>;
  readonly attempts: { at: number; line: string }[];
}

/**
 * Errors of one conversation that were mended in it: a command failed with an error that can be
 * recognised, something was changed, and the same command succeeded. A failure whose error became
 * another one is left alone: what mended which cannot be told.
 */
export function findFixes(exchanges: readonly Observed[]): FoundFix[] {
  const open = new Map<string, OpenFailure>();
  const fixes: FoundFix[] = [];
  for (const exchange of exchanges) {
    for (const call of exchange.calls) {
      if (call.command === undefined) noteEdit(open, call);
      else if (call.failed === true) noteFailure(open, call.command, { call, exchange });
      else if (call.failed === false) {
        const fix = noteSuccess(open, call.command, exchange);
        if (fix) fixes.push(fix);
      }
    }
  }
  return fixes;
}

function noteEdit(open: Map<string, OpenFailure>, { files = [], input, failed }: ObservedCall) {
  if (failed !== false) return;
  for (const { path, action } of files) {
    if (action === "read") continue;
    for (const { edits } of open.values()) {
      edits.set(path, { path, text: truncate(input ?? "", EDIT_CHARS) });
    }
  }
}

function noteFailure(
  open: Map<string, OpenFailure>,
  command: string,
  { call, exchange }: { call: ObservedCall; exchange: Observed },
): void {
  const key = commandKey(command);
  const error = mainError(call.output ?? "");
  const known = open.get(key);
  if (known && error && known.error.signature === error.signature) {
    if (known.attempts.length < MOST.attempts) {
      known.attempts.push({ at: exchange.at, line: error.line });
    }
    return;
  }
  open.delete(key);
  if (!error || open.size >= MOST.open) return;
  open.set(key, {
    error,
    command,
    failedAt: exchange.at,
    failedIn: exchange.documentId,
    edits: new Map(),
    commands: new Set(),
    attempts: [{ at: exchange.at, line: error.line }],
  });
}

function noteSuccess(
  open: Map<string, OpenFailure>,
  command: string,
  exchange: Observed,
): FoundFix | undefined {
  const key = commandKey(command);
  const failure = open.get(key);
  if (!failure) {
    if (!LOOKING.test(key)) for (const { commands } of open.values()) commands.add(key);
    return undefined;
  }
  open.delete(key);
  const { edits, commands, error, failedAt, failedIn, attempts } = failure;
  const isWork = edits.size > MOST.edits || commands.size > MOST.commands;
  if (isWork || edits.size + commands.size === 0) return undefined;
  return {
    error,
    command: failure.command,
    edits: [...edits.values()],
    commands: [...commands],
    explanation: truncate(exchange.answer, EXPLANATION_CHARS),
    attempts,
    failedAt,
    failedIn,
    fixedAt: exchange.at,
    fixedIn: exchange.documentId,
  };
}
