import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { SbError } from "../kernel/errors.ts";
import * as inputs from "../kernel/inputs.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import type { Services } from "../services.ts";
import { ownTool } from "./allow-rules.ts";
import { readDecisions, suggestRules } from "./decisions.ts";
import { OPERATION_NAMES, OPERATIONS } from "./model.ts";
import { projectPlace } from "./service.ts";

const ACTIONS = ["status", "trust", "revoke", "suggest"] as const;

/** Rules told at most. */
const MOST_RULES = 30;

const count = z.number().int();

export const permissions = defineCapability({
  effect: "write",
  positional: ["action", "operation"],
  input: z.object({
    action: z.enum(ACTIONS).default("status"),
    operation: z.enum(OPERATION_NAMES).optional().describe("revoke without one: all of them"),
    everywhere: z.boolean().default(false).describe("All projects, not the current one"),
    confirm: z.boolean().default(false).describe("Revoke all"),
    working_directory: z.optional(inputs.workingDirectory),
  }),
  output: z.object({
    project: z.string(),
    operations: z.array(
      z.object({
        operation: z.string(),
        summary: z.string(),
        /** Here, now. */
        trusted: z.boolean(),
        by_default: z.boolean(),
        /** Folders of projects, or `everywhere`. */
        grants: z.array(
          z.object({ where: z.string(), trusted: z.boolean(), at: z.string().nullable() }),
        ),
      }),
    ),
    file: z.object({
      path: z.string(),
      state: z.enum(["absent", "read", "unusable"]),
      problem: z.string().optional(),
      /** Names in it that sb does not know: they allow nothing. */
      unknown: z.array(z.string()),
    }),
    suggestions: z
      .object({
        transcripts: count,
        skipped: count,
        /** Prompts that a person answered. */
        prompts: count,
        unsuited: count,
        total: count,
        /** `ours`: a tool of sb. */
        rules: z.array(z.object({ rule: z.string(), count, ours: z.boolean() })),
      })
      .optional(),
  }),
  run(services, { action, operation, everywhere, confirm, working_directory }) {
    const { permission, project } = services;
    const identity = project.present(working_directory);
    if (action === "trust") permission.trust(needed(operation), identity, everywhere);
    if (action === "revoke" && operation) permission.revoke(operation, identity, everywhere);
    else if (action === "revoke") revokeAll(services, confirm);
    return {
      ...told(services, identity),
      ...(action === "suggest" ? { suggestions: suggested(services, identity, everywhere) } : {}),
    };
  },
});

function needed(operation: string | undefined): string {
  if (operation) return operation;
  throw new SbError("invalid_input", "trust needs an operation", {
    hint: `one of ${OPERATION_NAMES.join(", ")}`,
  });
}

function revokeAll({ permission }: Services, isConfirmed: boolean): void {
  if (!isConfirmed) {
    throw new SbError("invalid_input", "revoke without an operation takes all trust back", {
      hint: "confirm that, or name an operation",
    });
  }
  permission.revokeAll();
}

function told({ permission }: Services, identity: ProjectIdentity) {
  const trust = permission.read();
  const list = trust.kind === "unusable" ? { trusted: [], revoked: [] } : trust.list;
  const lines = [
    ...list.trusted.map((grant) => ({ ...grant, trusted: true })),
    ...list.revoked.map((grant) => ({ ...grant, trusted: false })),
  ];
  const names: readonly string[] = OPERATION_NAMES;
  const unknown = lines.map((line) => line.operation).filter((name) => !names.includes(name));
  return {
    project: projectPlace(identity),
    operations: OPERATIONS.map(({ name, summary, byDefault }) => ({
      operation: name,
      summary,
      trusted: permission.isTrusted(name, identity),
      by_default: byDefault,
      grants: lines
        .filter((line) => line.operation === name)
        .map(({ project, trusted, at }) => ({
          where: project ?? "everywhere",
          trusted,
          at: at ?? null,
        })),
    })),
    file: {
      path: permission.path,
      state: trust.kind,
      ...(trust.kind === "unusable" ? { problem: trust.problem } : {}),
      unknown: [...new Set(unknown)],
    },
  };
}

function suggested(services: Services, identity: ProjectIdentity, everywhere: boolean) {
  const { transcript, project } = services;
  const { files } = transcript.locate();
  const read = readDecisions(files);
  const here = everywhere
    ? read.decisions
    : read.decisions.filter(({ cwd }) => cwd && project.identify(cwd).key === identity.key);
  const { suggestions, unsuited } = suggestRules(here, identity.root);
  return {
    transcripts: read.files,
    skipped: read.skipped,
    prompts: here.filter(({ isAsked }) => isAsked).length,
    unsuited,
    total: suggestions.length,
    rules: suggestions
      .slice(0, MOST_RULES)
      .map((one) => ({ ...one, ours: ownTool(one.rule) !== undefined })),
  };
}
