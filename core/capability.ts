import * as z from "zod/v4/core";
import en from "zod/v4/locales/en.js";
import { SbError } from "./kernel/errors.ts";
import { didYouMean } from "./kernel/suggest.ts";
import { sha256, truncate, withCost } from "./kernel/text.ts";
import type { Services } from "./services.ts";
import { storageFailure } from "./storage/failure.ts";

// zod would compile each schema to code at its first use: a command uses two, once.
z.config({ ...en(), jitless: true });

/** What a call may change: nothing, something that can be undone, or something that cannot. */
export type Effect = "read" | "write" | "destroy";

interface Spec<I extends z.$ZodObject, O extends z.$ZodObject> {
  readonly effect: Effect;
  /** Input keys taken by position on the command line, in order. */
  readonly positional?: readonly (keyof z.input<I> & string)[];
  /** Snake_case keys; what is not named is refused. */
  readonly input: I;
  readonly output: O;
  run(
    services: Services,
    input: z.output<I>,
    question: Question,
  ): Promise<Costless<z.output<O>>> | Costless<z.output<O>>;
}

/** What was asked, whichever page of its answer is wanted: a cursor belongs to it. */
export interface Question {
  /** A checksum of each input that chooses results, defaults among them. */
  readonly asked: Readonly<Record<string, string>>;
  /** Those of them that the caller gave. */
  readonly given: readonly string[];
}

/** Inputs that choose a page and no results. */
const PAGING = new Set(["cursor", "limit", "max_tokens"]);

/** Characters of a checksum. */
const ASKED_CHARS = 12;

/** An answer whose `tokens` are what it costs comes without them: that is counted of it as it goes out. */
type Costless<O> = O extends { readonly tokens: number } ? Omit<O, "tokens"> : O;

/** A declared capability as the CLI and the MCP server see it: input untyped, output `O`. */
export interface Capability<O = Record<string, unknown>> {
  readonly effect: Effect;
  readonly positional: readonly string[];
  readonly input: z.$ZodObject;
  readonly output: z.$ZodObject;
  /**
   * Validates `raw`, runs the handler, validates the answer, and counts what it costs.
   * @throws SbError `invalid_input` when `raw` does not fit, or what the handler throws.
   */
  call(services: Services, raw: unknown): Promise<O>;
}

/**
 * Declares one thing `sb` can do. Its name, place and summary stand in `capabilities.ts`;
 * the CLI command and the MCP tool are both derived from the two.
 */
export function defineCapability<I extends z.$ZodObject, O extends z.$ZodObject>(
  spec: Spec<I, O>,
): Capability<z.output<O>> {
  const input = strict(spec.input);
  const { effect, positional = [], output } = spec;
  // Elsewhere `tokens` may mean another thing, which may be unknown.
  const saysCost = output._zod.def.shape["tokens"]?._zod.def.type === "number";
  return {
    effect,
    positional,
    input,
    output,
    async call(services, raw) {
      const parsed = z.safeParse(input, raw ?? {});
      if (!parsed.success) {
        throw new SbError(
          "invalid_input",
          problems(parsed.error, raw, Object.keys(input._zod.def.shape)),
        );
      }
      const answer = await run(() => spec.run(services, parsed.data, question(parsed.data, raw)));
      if (!saysCost) return z.parse(output, answer);
      return withCost(
        z.parse(output, { ...answer, tokens: 0 }) as z.output<O> & { tokens: number },
      );
    },
  };
}

function question(input: object, raw: unknown): Question {
  const chosen = (values: object) =>
    Object.entries(values).filter(([key, value]) => value !== undefined && !PAGING.has(key));
  const checksum = (value: unknown) => sha256(JSON.stringify(value)).slice(0, ASKED_CHARS);
  return {
    asked: Object.fromEntries(chosen(input).map(([key, value]) => [key, checksum(value)])),
    given: chosen(raw ?? {}).map(([key]) => key),
  };
}

async function run<T>(handler: () => T | Promise<T>): Promise<T> {
  try {
    return await handler();
  } catch (error) {
    throw storageFailure(error);
  }
}

/** The same object, with every other key refused. */
function strict<I extends z.$ZodObject>(schema: I): I {
  return z.clone(schema, { ...schema._zod.def, catchall: new z.$ZodNever({ type: "never" }) });
}

/** Every problem on one line: `limit: too big; unknown key "qury"; did you mean "query"?`. */
function problems(error: z.$ZodError, raw: unknown, known: readonly string[]): string {
  return error.issues.flatMap((issue) => problem(issue, raw, known)).join("; ");
}

function problem(issue: z.$ZodIssue, raw: unknown, known: readonly string[]): string[] {
  const { path, message } = issue;
  if (issue.code === "unrecognized_keys" && path.length === 0) {
    return issue.keys.map((key) => `unknown key "${truncate(key, 60)}"${didYouMean(key, known)}`);
  }
  const [key = ""] = path;
  const given = (raw ?? {}) as Readonly<Record<PropertyKey, unknown>>;
  if (path.length === 1 && given[key] === undefined) return [`${String(key)} is missing`];
  return [path.length > 0 ? `${path.join(".")}: ${message}` : message];
}
