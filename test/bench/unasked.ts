import type { HookInput } from "../../core/hook/model.ts";
import type { Services } from "../../core/services.ts";
import { injectionStore } from "../../core/session/injections.ts";
import { COUNTED_KINDS, KINDS, type Kind } from "./day0-model.ts";
import { NEGATIVES } from "./day0-negatives.ts";
import { PROJECTS } from "./day0-projects.ts";
import type { Stand } from "./day0-stand.ts";
import { type Figure, milliseconds, told } from "./figure.ts";
import { median, p95 } from "./measure.ts";

/** Failures that nobody has met: other errors of the same tools. */
const UNKNOWN_ERRORS = [
  "TypeError: Cannot convert a BigInt value to a number\n    at toNumber (src/units/convert.ts:14:3)",
  'error: relation "invoice_lines_2031" does not exist\n  at character 19',
  "ModuleNotFoundError: No module named 'orbital_mechanics'",
  "panic: runtime error: slice bounds out of range [:9] with capacity 4",
  "error[E0502]: cannot borrow `ledger` as mutable because it is also borrowed as immutable",
  "Error: EMFILE: too many open files, watch '/srv/app/templates'",
  "fatal: refusing to merge unrelated histories",
  "npm ERR! code ERESOLVE\nnpm ERR! unable to resolve dependency tree",
  "java.lang.OutOfMemoryError: Metaspace",
  "SyntaxError: Unexpected token '<', \"<!doctype \"... is not valid JSON",
  "ERROR: cannot drop table tariff because other objects depend on it",
  "Traceback (most recent call last):\n  File \"sync.py\", line 3\nKeyError: 'region_code'",
  "error TS2589: Type instantiation is excessively deep and possibly infinite.",
  "make: *** No rule to make target 'firmware.bin'.  Stop.",
  "1 failing\nAssertionError: expected 204 to equal 409",
] as const;

/** What one event put before the model. */
interface Told {
  readonly kind: Kind | "negative" | "known error" | "unknown error";
  /** Lines that were told, and how many of them are of the session that holds the answer. */
  readonly lines: number;
  readonly right: number;
  readonly tokens: number;
  readonly ms: number;
}

/**
 * What hooks put into conversations unasked, in a generated store: each question as a prompt, each
 * planted failure as it is met again with other paths, and as many of which nothing is known.
 */
export async function tellUnasked(stand: Stand): Promise<Told[]> {
  const results: Told[] = [];
  for (const { fact, session } of stand.made.evidence) {
    for (const question of fact.questions) {
      if (question.kind === "file") continue; // a path alone is no prompt
      const project = question.from ?? fact.project;
      results.push(
        await prompted(stand, { project, session, kind: question.kind, text: question.text }),
      );
      if (question.kind === "error text" && fact.told.failed) {
        const { command, output } = fact.told.failed;
        results.push(
          await failed(stand, {
            project,
            session,
            kind: "known error",
            command,
            text: metAgain(output),
          }),
        );
      }
    }
  }
  for (const [index, { text }] of NEGATIVES.entries()) {
    const project = PROJECTS[index % PROJECTS.length]?.name ?? "";
    results.push(await prompted(stand, { project, session: "", kind: "negative", text }));
  }
  for (const [index, text] of UNKNOWN_ERRORS.entries()) {
    const project = PROJECTS[index % PROJECTS.length]?.name ?? "";
    results.push(
      await failed(stand, {
        project,
        session: "",
        kind: "unknown error",
        command: "npm test",
        text,
      }),
    );
  }
  return results;
}

/** What a failure prints in another checkout, at another time: other paths, numbers, addresses. */
function metAgain(output: string): string {
  const moved = output.replaceAll("/home/ana/", "/srv/ci/work/");
  return `Exit code 1\n${moved.replace(/\d+/g, (digits) => String(Number(digits) + 7))}`;
}

interface Case {
  readonly project: string;
  /** The session that holds the answer. */
  readonly session: string;
  readonly kind: Told["kind"];
  readonly text: string;
}

function prompted(stand: Stand, given: Case): Promise<Told> {
  return deliver(stand, given, { event: "UserPromptSubmit", prompt: given.text, source: "user" });
}

function failed(stand: Stand, given: Case & { command: string }): Promise<Told> {
  return deliver(stand, given, {
    event: "PostToolUseFailure",
    toolName: "Bash",
    toolInput: { command: given.command },
    error: given.text,
  });
}

let count = 0;

async function deliver(
  stand: Stand,
  { project, session, kind }: Case,
  event: Omit<HookInput, "conversation" | "cwd">,
): Promise<Told> {
  const services = stand.from(project);
  count += 1;
  const conversation = `asks-${count}`;
  const started = performance.now();
  await services.hook.handle({ ...event, conversation, cwd: services.ports.cwd });
  const ms = performance.now() - started;
  const receipts = injectionStore(services.ports.db);
  const [newest] = receipts.list(conversation);
  const receipt = newest && receipts.get(newest.id);
  const items = receipt?.items ?? [];
  const right = items.filter(({ ref }) => isOf(services, ref, session)).length;
  return { kind, lines: items.length, right, tokens: receipt?.tokens ?? 0, ms };
}

/** Whether what was told is of that session: the exchange itself, or what was drawn from it. */
function isOf({ search }: Services, ref: string, session: string): boolean {
  return session !== "" && search.byId(ref)?.sessionId === session;
}

/** The figures of one store: how often something is told, and how often it is right. */
export function unaskedFigures(all: readonly Told[], size: string): Figure[] {
  const of = (kinds: readonly string[]) => all.filter(({ kind }) => kinds.includes(kind));
  const positive = of(COUNTED_KINDS);
  const rows: readonly (readonly [string, readonly Told[]])[] = [
    ["prompts about something known", positive],
    ...KINDS.filter((kind) => kind !== "file").map((kind) => [`  ${kind}`, of([kind])] as const),
    ["prompts about nothing known", of(["negative"])],
    ["errors met before", of(["known error"])],
    ["errors never met", of(["unknown error"])],
  ];
  const times = all.map(({ ms }) => ms);
  const spoken = all.filter(({ lines }) => lines > 0);
  return [
    ...rows.map(([what, some]) => told(`${size}: unasked, ${what}`, lineOf(some))),
    told(
      `${size}: unasked, tokens where something is told, p50`,
      String(median(spoken.map(({ tokens }) => tokens))),
    ),
    told(
      `${size}: unasked, time of a hook's work p50, p95`,
      `${milliseconds(median(times))}, ${milliseconds(p95(times))}`,
    ),
  ];
}

function lineOf(some: readonly Told[]): string {
  const spoken = some.filter(({ lines }) => lines > 0);
  const right = spoken.filter((one) => one.right > 0).length;
  const percent = (part: number, whole: number) =>
    whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
  return `told ${percent(spoken.length, some.length)} of ${some.length}, right in ${percent(right, spoken.length)} of those`;
}
