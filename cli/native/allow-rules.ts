import { join } from "node:path";
import { findEntry } from "../../core/capabilities.ts";
import { SbError } from "../../core/kernel/errors.ts";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { sha256 } from "../../core/kernel/text.ts";
import { allowedIn, ownTool, withAllowed } from "../../core/permission/allow-rules.ts";
import type { permissions } from "../../core/permission/capabilities.ts";
import type { Services } from "../../core/services.ts";
import { readText, writeText } from "../../core/storage/text-file.ts";
import type { Command, Invocation } from "../command.ts";
import { confirm } from "../confirm.ts";
import { EXIT_INTERRUPTED } from "../errors.ts";
import type { OutputOf } from "../render/presenter.ts";
import { TOOLS } from "../tools.ts";

type Answer = OutputOf<typeof permissions>;

/** `sb permissions`: as the tool answers, but for what a person must agree to. */
export async function managePermissions(
  invocation: Invocation,
  command: Command,
): Promise<number | undefined> {
  const { write, user, ...input } = invocation.input;
  const { action, operation } = input;
  if ((write === true || user === true) && action !== "suggest") {
    throw new SbError("invalid_input", "--write and --user belong to suggest", {
      hint: "sb permissions suggest --write",
    });
  }
  if (action === "suggest" && write === true) {
    return writeRules(invocation, { input, toUser: user === true });
  }
  const isAll = action === "revoke" && operation === undefined;
  if (isAll && !(await isAgreed(invocation, "This takes all trust back.")))
    return cancelled(invocation);
  return command.run({ ...invocation, input: isAll ? { ...input, confirm: true } : input });
}

/** Adds the suggested rules for our own read-only tools to a settings file, after asking. */
async function writeRules(
  invocation: Invocation,
  { input, toUser }: { input: object; toUser: boolean },
): Promise<number | undefined> {
  const { host, cwd, open } = invocation;
  const services = await (await open("read")).services();
  const answer = await call(services, { ...input, ...(toUser ? { everywhere: true } : {}) });
  const { root } = services.project.identify(cwd);
  const path = toUser
    ? join(resolvePaths(host.env).claude, "settings.json")
    : join(root, ".claude", "settings.local.json");
  const before = readText(path);
  const source = { path, text: before ?? "" };
  const known = allowedIn(source);
  const rules = ownRules(answer).filter((rule) => !known.includes(rule));
  if (rules.length > 0) {
    const what = `This adds to permissions.allow in ${path}:\n${rules.map((rule) => `  ${rule}\n`).join("")}`;
    if (!(await isAgreed(invocation, what))) return cancelled(invocation);
    if (before !== undefined) keepCopy(services, path, before);
    writeText(path, withAllowed(source, rules));
  }
  const result = { path, added: rules, left_out: leftOut(answer) };
  host.io.out(invocation.json ? `${JSON.stringify(result)}\n` : textOf(result));
  return undefined;
}

/** Suggested rules for tools of ours that change nothing. */
function ownRules({ suggestions }: Answer): string[] {
  return (suggestions?.rules ?? []).map(({ rule }) => rule).filter(isReadOnly);
}

function isReadOnly(rule: string): boolean {
  const name = ownTool(rule);
  return TOOLS.some((tool) => tool.name === name && tool.effect === "read");
}

function leftOut({ suggestions }: Answer): number {
  return (suggestions?.rules ?? []).filter(({ rule }) => !isReadOnly(rule)).length;
}

/** The file as it was, beside the backups of `sb setup`. */
function keepCopy({ ports }: Services, path: string, text: string): void {
  const name = `settings-${sha256(path).slice(0, 8)}-${ports.clock.now()}.json`;
  writeText(join(ports.paths.claude, "data", "backups", name), text);
}

function textOf({ path, added, left_out }: { path: string; added: string[]; left_out: number }) {
  const others =
    left_out > 0
      ? `${left_out} suggested rules are not for read-only tools of sb: add them yourself.\n`
      : "";
  if (added.length === 0) return `Nothing to add to ${path}.\n${others}`;
  return `Added to ${path}:\n${added.map((rule) => `  ${rule}\n`).join("")}${others}`;
}

function isAgreed({ yes, host: { io } }: Invocation, what: string): Promise<boolean> {
  return confirm(what, { yes, io, isLasting: false });
}

function cancelled({ host }: Invocation): number {
  host.io.err("sb: cancelled, nothing was changed\n");
  return EXIT_INTERRUPTED;
}

async function call(services: Services, input: object): Promise<Answer> {
  const capability = await findEntry("permissions")?.load();
  return (await capability?.call(services, input)) as Answer;
}
