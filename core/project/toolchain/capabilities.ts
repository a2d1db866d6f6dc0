import { z } from "zod";
import { defineCapability } from "../../capability.ts";
import { SbError } from "../../kernel/errors.ts";
import * as inputs from "../../kernel/inputs.ts";
import { isoTime } from "../../kernel/text.ts";
import type { Dependencies } from "./service.ts";
import type { SyncRecord } from "./store.ts";

const SyncShape = z.object({
  manager: z.string(),
  command: z.string(),
  state: z.enum(["running", "done", "failed", "timed out", "stopped"]),
  exit_code: z.number().int().nullable(),
  at: z.string(),
  ms: z.number().int(),
  output: z.string(),
});

const DependencyShape = z.object({
  manager: z.string(),
  root: z.string(),
  in_sync: z.boolean().nullable(),
  reason: z.string(),
  command: z.string(),
  last_sync: SyncShape.optional(),
});

function presentSync({ exitCode, at, runner: _runner, ...rest }: SyncRecord) {
  return { ...rest, exit_code: exitCode, at: isoTime(at) };
}

function present({ toolchain, inSync, reason, command, last }: Dependencies) {
  return {
    manager: toolchain.manager,
    root: toolchain.root,
    in_sync: inSync,
    reason,
    command,
    ...(last ? { last_sync: presentSync(last) } : {}),
  };
}

export const syncDependencies = defineCapability({
  effect: "destroy",
  input: z.object({
    working_directory: z.optional(inputs.workingDirectory),
    dry_run: z.boolean().default(false).describe("Say how it stands, run nothing"),
    confirm: z.boolean().default(false).describe("The user agreed; needless in a trusted project"),
    timeout_s: z.number().int().min(1).max(3600).default(300).describe("Time limit, in seconds"),
  }),
  output: z.object({
    project: z.string(),
    trusted: z.boolean(),
    dependencies: z.array(DependencyShape),
    /** Those that were run now; empty where everything was in step. */
    synced: z.array(SyncShape),
  }),
  async run(services, { working_directory, dry_run, confirm, timeout_s }) {
    const { project, toolchain } = services;
    const identity = project.present(working_directory);
    const options = { isAgreed: confirm, limitMs: timeout_s * 1000 };
    const synced = dry_run ? [] : await toolchain.sync(working_directory, options);
    const failed = synced.find(({ state }) => state !== "done");
    if (failed) throw failure(failed, timeout_s);
    return {
      project: identity.name,
      trusted: toolchain.isTrusted(identity),
      dependencies: toolchain.look(identity).map(present),
      synced: synced.map(presentSync),
    };
  },
});

function failure({ command, state, exitCode, output }: SyncRecord, limitS: number): SbError {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const said =
    lines.findLast((line) => /\b(?:err(?:or)?|fatal|failed)\b/i.test(line)) ?? lines.at(-1);
  const how =
    state === "failed"
      ? `failed with exit code ${exitCode}`
      : state === "timed out"
        ? `took longer than ${limitS} s and was ended`
        : "was stopped";
  return new SbError(
    "unavailable",
    `${command} ${how}${said ? `: ${said.trim().slice(0, 300)}` : ""}`,
    {
      hint: "sb project sync --dry-run shows its output",
    },
  );
}
