import { z } from "zod";
import { defineCapability } from "../capability.ts";
import { contextBrief } from "../context/service.ts";
import * as inputs from "../kernel/inputs.ts";
import { itemPage } from "../search/list-page.ts";
import type { WorktreeService } from "./service.ts";

const folder = { working_directory: z.optional(inputs.workingDirectory) };
const path = z.string().min(1).max(4096);

const count = z.number().int();

export const gitWorktreeList = defineCapability({
  effect: "read",
  input: z.object({ ...folder, cursor: inputs.cursor.optional(), max_tokens: inputs.maxTokens }),
  output: z.object({
    total: count,
    worktrees: z.array(
      z.object({
        path: z.string(),
        branch: z.string().nullable(),
        head: z.string().nullable(),
        is_main: z.boolean(),
        is_current: z.boolean(),
        is_bare: z.boolean(),
        detached: z.boolean(),
        exists: z.boolean(),
        /** Why, empty where no reason was given; null when it is not. */
        locked: z.string().nullable(),
        prunable: z.string().nullable(),
        has_session: z.boolean(),
        /** Changed and untracked paths; null where git cannot tell. */
        dirty: count.nullable(),
      }),
    ),
    cursor: z.string().optional(),
    tokens: count,
  }),
  async run({ worktree, search }, { working_directory, cursor, max_tokens: maxTokens }, question) {
    const { total, items, more } = itemPage(search, {
      ...{ limit: Number.POSITIVE_INFINITY, cursor, maxTokens },
      origin: { tool: "git_worktree_list", ...question },
      items: await worktree.list(working_directory),
      keyOf: ({ path: at }) => `${Bun.hash(at)}`,
      show: shown,
    });
    return { total, worktrees: items, ...more };
  },
});

function shown(tree: Awaited<ReturnType<WorktreeService["list"]>>[number]) {
  return {
    path: tree.path,
    branch: tree.branch ?? null,
    head: tree.head ?? null,
    is_main: tree.isMain,
    is_current: tree.isCurrent,
    is_bare: tree.isBare,
    detached: tree.isDetached,
    exists: tree.exists,
    locked: tree.locked ?? null,
    prunable: tree.prunable ?? null,
    has_session: tree.hasSession,
    dirty: tree.dirty ?? null,
  };
}

export const gitWorktreeAdd = defineCapability({
  effect: "write",
  positional: ["branch", "path"],
  input: z.object({
    branch: z.string().min(1).max(250).describe("Branch, remote branch, tag or commit"),
    path: path.describe("Where to; a relative path lies beside the repository"),
    ...folder,
    create_branch: z.boolean().default(false).describe("Make the branch, from HEAD"),
  }),
  output: z.object({
    path: z.string(),
    branch: z.string().nullable(),
    head: z.string().nullable(),
    created_branch: z.boolean(),
    tracking: z.string().nullable(),
    warning: z.string().optional(),
  }),
  async run({ worktree }, { branch, path: to, working_directory, create_branch }) {
    const request = { branch, path: to, folder: working_directory, createBranch: create_branch };
    const added = await worktree.add(request);
    return {
      path: added.path,
      branch: added.branch ?? null,
      head: added.head ?? null,
      created_branch: added.created,
      tracking: added.tracking ?? null,
      ...(added.warning ? { warning: added.warning } : {}),
    };
  },
});

export const gitWorktreeRemove = defineCapability({
  effect: "destroy",
  positional: ["path"],
  input: z.object({
    path: path.describe("The work tree; a relative path lies beside the repository"),
    ...folder,
    force: z.boolean().default(false).describe("Even if work in it is lost"),
  }),
  output: z.object({
    path: z.string(),
    branch: z.string().nullable(),
    head: z.string().nullable(),
    lost: z.object({ files: z.array(z.string()), total: count, commits: z.array(z.string()) }),
    ignored: z.array(z.string()),
    snapshot: z.string().nullable(),
  }),
  async run({ worktree }, { path: at, working_directory, force }) {
    const removed = await worktree.remove({ path: at, folder: working_directory, force });
    const { lost } = removed;
    return {
      path: removed.path,
      branch: removed.branch ?? null,
      head: removed.head ?? null,
      lost: { files: [...lost.files], total: lost.filesTotal, commits: [...lost.commits] },
      ignored: [...removed.ignored],
      snapshot: removed.snapshot ?? null,
    };
  },
});

export const gitWorktreeSwitch = defineCapability({
  effect: "write",
  positional: ["from_path", "to_path"],
  input: z.object({
    from_path: path.describe("Work tree that is left"),
    to_path: path.describe("Work tree to go on in"),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    branch: z.string().nullable(),
    /** The session that moved; null where none was open. */
    session_id: z.string().nullable(),
    saved_context: z.string().nullable(),
    restored_context: z.string().nullable(),
    brief: z.string(),
    next: z.string(),
  }),
  async run({ worktree, ports }, { from_path, to_path }) {
    const switched = await worktree.switch(from_path, to_path);
    const { restored } = switched;
    return {
      from: switched.from,
      to: switched.to,
      branch: switched.branch ?? null,
      session_id: switched.session?.id ?? null,
      saved_context: switched.saved?.id ?? null,
      restored_context: restored?.id ?? null,
      brief: restored ? contextBrief(restored, ports.config.brief.max_tokens).text : "",
      next: `Session Buddy's tools mean ${switched.to} from now on; a shell has to change there by itself.`,
    };
  },
});
