import { existsSync } from "node:fs";
import { resolvePaths } from "../../core/kernel/paths.ts";
import type { Invocation } from "../command.ts";
import { canaryCheck } from "../doctor/canary.ts";
import type { Check, Ward } from "../doctor/check.ts";
import {
  claudeCheck,
  commandsCheck,
  hookLogCheck,
  hooksCheck,
  serverCheck,
} from "../doctor/client.ts";
import { historyCheck, parserCheck, transcriptsCheck } from "../doctor/history.ts";
import { type Mended, mend } from "../doctor/mend.ts";
import { configCheck } from "../doctor/settings.ts";
import {
  databaseCheck,
  diskCheck,
  failedCheck,
  indexCheck,
  leftoversCheck,
  modelCheck,
  permissionsCheck,
} from "../doctor/store.ts";
import { EXIT_CODES } from "../errors.ts";
import { printable } from "../render/printable.ts";
import { styleOf } from "../render/style.ts";

/** Each link, in the order in which what is said comes by. */
const CHECKS: Readonly<Record<string, (ward: Ward) => Check | Promise<Check>>> = {
  ...{ hooks: hooksCheck, server: serverCheck, commands: commandsCheck, claude: claudeCheck },
  ...{ "hook log": hookLogCheck, transcripts: transcriptsCheck, history: historyCheck },
  ...{ parser: parserCheck, database: databaseCheck, index: indexCheck, disk: diskCheck },
  ...{ permissions: permissionsCheck, leftovers: leftoversCheck, model: modelCheck },
  ...{ config: configCheck, canary: canaryCheck },
};

/**
 * `sb doctor`: whether what is said is kept, link by link, and what mends each that is broken.
 * @returns 0 when none is broken, else 6: a warning breaks nothing.
 */
export async function examine(invocation: Invocation): Promise<number> {
  const { host, input, json } = invocation;
  let ward = await admit(invocation);
  let checks = await look(ward);
  let mended: Mended[] = [];
  if (input["fix"] === true) {
    if (hasUnkept(ward)) ward = await admit(invocation, true);
    mended = mend(ward, checks);
    if (mended.some(({ done }) => done)) checks = await look(ward);
  }
  const isOk = checks.every(({ state }) => state !== "broken");
  const answer = { ok: isOk, checks, ...(input["fix"] === true ? { mended } : {}) };
  host.io.out(
    json ? `${JSON.stringify(answer)}\n` : asText(printable(answer) as Answer, invocation),
  );
  return isOk ? 0 : EXIT_CODES.unavailable;
}

interface Answer {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly mended?: readonly Mended[];
}

async function look(ward: Ward): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      checks.push(await check(ward));
    } catch (error) {
      checks.push(failedCheck(name, error, ward));
    }
  }
  return checks;
}

/** Whether there are transcripts, and no store yet to keep them in. */
function hasUnkept({ services, invocation: { host } }: Ward): boolean {
  if (!services || existsSync(resolvePaths(host.env).database)) return false;
  return services.ingest.pending().pending > 0;
}

/**
 * Opens the store as well as it can be: to write, else to read; one that is not there is made only
 * where something `isToBeKept`.
 */
async function admit(invocation: Invocation, isToBeKept = false): Promise<Ward> {
  const { host, open } = invocation;
  const isThere = isToBeKept || existsSync(resolvePaths(host.env).database);
  let failure: unknown;
  for (const purpose of isThere ? (["write", "read"] as const) : (["read"] as const)) {
    try {
      const services = await (await open(purpose, { log: host.log })).services();
      services.ports.db.query("SELECT count(*) FROM sqlite_schema").get();
      return { invocation, services, failure };
    } catch (error) {
      failure ??= error;
    }
  }
  return { invocation, services: undefined, failure };
}

const MARKS = { ok: "✓", warn: "!", broken: "✗" } as const;

/** A line for each check, and what mends it below. */
function asText({ ok, checks, mended = [] }: Answer, { host }: Invocation): string {
  const style = styleOf(host.io.color);
  const tint = { ok: style.green, warn: style.yellow, broken: style.red };
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, state, detail, mend: way }) => {
    const line = `${tint[state](MARKS[state])} ${name.padEnd(width)}  ${detail}\n`;
    return way === undefined ? line : `${line}    → ${way}\n`;
  });
  const repairs = mended.map(({ done, text }) => `${done ? "mended" : "not mended"}: ${text}\n`);
  const count = checks.filter(({ state }) => state === "broken").length;
  const last = ok
    ? "Everything that is said is kept.\n"
    : `${count} broken: see the arrows above.\n`;
  return [...repairs, ...lines, last].join("");
}
