import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { createTwoFilesPatch } from "diff";
import { SbError } from "../../core/kernel/errors.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import type { Invocation } from "../command.ts";
import { confirm } from "../confirm.ts";
import type { Host } from "../io.ts";
import { plural } from "../render/layout.ts";
import { apply, readManifest, takeBack } from "../setup/manifest.ts";
import { type Change, clientFiles, type Plan, planRemoval, planSetup } from "../setup/plan.ts";

/** `sb setup`: makes Claude Code use this `sb`, or takes that back. */
export async function setUp(invocation: Invocation): Promise<undefined> {
  const { host, input } = invocation;
  const isRemoval = input["remove"] === true || input["purge"] === true;
  const plan = isRemoval ? await remove(invocation) : set(invocation);
  const isDry = input["dry_run"] === true;
  host.io.out(
    invocation.json
      ? `${JSON.stringify(asJson(plan, isDry))}\n`
      : asText(plan, { isDry, isRemoval }),
  );
  return undefined;
}

function set({ host, input }: Invocation): Plan {
  const paths = resolvePaths(host.env);
  const binary = stablePath(host);
  const plan = planSetup(clientFiles(paths, host.env), binary);
  if (input["dry_run"] !== true) apply(paths, plan.changes);
  const notes = [...plan.notes];
  if (Bun.which("claude", { PATH: host.env["PATH"] ?? "" }) === null) {
    notes.push("claude is not on PATH: everything is written, and works once it is there");
  }
  return { ...plan, notes };
}

async function remove({ host, input, yes }: Invocation): Promise<Plan> {
  const paths = resolvePaths(host.env);
  const manifest = readManifest(paths);
  const plan = planRemoval(clientFiles(paths, host.env), manifest);
  if (input["dry_run"] === true) return plan;
  const isPurge = input["purge"] === true;
  const what = `This removes ${paths.data} with everything remembered.`;
  if (isPurge && !(await confirm(what, { yes, io: host.io }))) {
    throw new SbError("conflict", "nothing was removed", { hint: "answer y, or add --yes" });
  }
  takeBack(manifest, plan.changes, isPurge ? paths.data : undefined);
  return plan;
}

/**
 * The absolute path that the client is to start: the `sb` on PATH where that is this very program,
 * since it stays when a new version is put in its place.
 * @throws SbError `unavailable` when this is no compiled `sb`.
 */
export function stablePath({ env, control }: Host): string {
  const own = control.program;
  if (!/^sb(\.exe)?$|^sb-/.test(basename(own))) {
    throw new SbError("unavailable", "setup needs the compiled sb", { hint: "npm run build" });
  }
  const found = Bun.which("sb", { PATH: env["PATH"] ?? "" });
  return found && realpathSync(found) === realpathSync(own) ? found : own;
}

function asJson({ changes, notes }: Plan, isDry: boolean) {
  return {
    applied: !isDry,
    changes: changes.map((change) => ({ path: change.path, action: actionOf(change) })),
    notes,
  };
}

function asText(
  { changes, notes }: Plan,
  { isDry, isRemoval }: { isDry: boolean; isRemoval: boolean },
): string {
  const lines = isDry
    ? changes.map(diffOf)
    : changes.map((change) => `${actionOf(change).padEnd(7)} ${change.path}\n`);
  const done = isRemoval
    ? "Claude Code no longer uses sb"
    : "Claude Code uses sb from its next start on";
  const none = isRemoval ? "There is nothing of sb's to remove" : "Everything is set up already";
  const would = `${plural(changes.length, "file")} would change`;
  const last = changes.length === 0 ? none : isDry ? would : done;
  return [...lines, ...notes.map((note) => `note: ${note}\n`), `${last}.\n`].join("");
}

function actionOf({ before, after }: Change): "create" | "update" | "remove" {
  if (before === undefined) return "create";
  return after === undefined ? "remove" : "update";
}

/** A line of a diff that is longer is shown round what differs in it, so far on each side. */
const SHOWN_CHARS = 200;

function diffOf({ path, before, after }: Change): string {
  const [from, to] = [
    before === undefined ? "/dev/null" : path,
    after === undefined ? "/dev/null" : path,
  ];
  const [old, fresh] = withoutLongLines(before ?? "", after ?? "");
  return createTwoFilesPatch(from, to, old, fresh, undefined, undefined, { context: 2 });
}

/** Both texts as they are or, where they hold a line too long to be shown, cut to what differs. */
function withoutLongLines(old: string, fresh: string): [string, string] {
  const isLong = [old, fresh].some((text) => /[^\n]{2000}/.test(text));
  if (!isLong) return [old, fresh];
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const cut = (text: string) => {
    const start = Math.max(0, head - SHOWN_CHARS);
    const end = Math.min(text.length, text.length - tail + SHOWN_CHARS);
    return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
  };
  return [cut(old), cut(fresh)];
}
