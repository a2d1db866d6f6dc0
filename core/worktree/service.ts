import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SavedContext } from "../context/model.ts";
import type { ContextService } from "../context/service.ts";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import type { Clock, Processes } from "../kernel/ports.ts";
import { sha256 } from "../kernel/text.ts";
import { findRepository, readBranch } from "../project/git.ts";
import type { ProjectService } from "../project/service.ts";
import type { SessionService } from "../session/service.ts";
import type { Session } from "../session/store.ts";
import { settings } from "../storage/settings.ts";
import { type Added, addTree } from "./add.ts";
import type { ListedTree, WorkTree } from "./model.ts";
import { type Removed, removeTree } from "./remove.ts";
import { asOnDisk, countDirty, lookingGit, openTrees, type Trees, treeAt } from "./trees.ts";

/** What work trees need of the outside. */
export interface TreePorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly env: Env;
  readonly cwd: string;
}

/** What a switch did. */
export interface Switched {
  readonly from: string;
  readonly to: string;
  readonly branch: string | undefined;
  /** The session that moved; undefined where none was open. */
  readonly session: Session | undefined;
  /** What the conversation was about when it left the source. */
  readonly saved: SavedContext | undefined;
  /** What it was about when the target was left last. */
  readonly restored: SavedContext | undefined;
}

export type WorktreeService = ReturnType<typeof worktreeService>;

/** Work trees of a repository: list, add, remove, and take the session along. */
export function worktreeService(deps: {
  ports: TreePorts;
  project: ProjectService;
  session: SessionService;
  context: ContextService;
}) {
  const { ports, project, session, context } = deps;
  const facts = settings(ports.db);
  const folderOf = (folder?: string) => resolve(ports.cwd, folder ?? ".");

  /** Whether a running session is at `root` or below it: of anyone, or of anyone else. */
  function isOpenAt(root: string, whose: "any" | "others"): boolean {
    const place = asOnDisk(root);
    return session
      .running()
      .some((open) => isWithin(open.root, place) && (whose === "any" || !session.isOwn(open)));
  }

  async function describe(tree: ListedTree, trees: Trees): Promise<WorkTree> {
    const exists = existsSync(tree.path);
    const hasFiles = exists && !tree.isBare;
    const dirty = hasFiles ? await countDirty(await lookingGit(tree.path, ports.env)) : undefined;
    return {
      ...tree,
      isMain: tree === trees.main,
      isCurrent: asOnDisk(tree.path) === trees.here,
      exists,
      hasSession: exists && isOpenAt(tree.path, "any"),
      ...(dirty === undefined ? {} : { dirty }),
    };
  }

  /** A work tree that can be worked in. @throws SbError `conflict` for one that cannot. */
  function workable(tree: ListedTree): ListedTree {
    if (tree.isBare) {
      throw new SbError("conflict", `${tree.path} is a bare repository: it has no files`);
    }
    if (existsSync(tree.path)) return tree;
    throw new SbError("conflict", `${tree.path} is gone`, {
      hint: "sb worktree remove forgets it",
    });
  }

  return {
    async list(folder?: string): Promise<WorkTree[]> {
      const trees = await openTrees(folderOf(folder), ports.env);
      const told: WorkTree[] = [];
      for (const tree of trees.all) told.push(await describe(tree, trees));
      return told;
    },

    add(request: {
      branch: string;
      path: string;
      folder?: string | undefined;
      createBranch: boolean;
    }): Promise<Added> {
      return addTree({ ...request, folder: folderOf(request.folder), env: ports.env });
    },

    remove(request: {
      path: string;
      folder?: string | undefined;
      force: boolean;
    }): Promise<Removed> {
      const isInUse = (root: string) => isOpenAt(root, "others");
      return removeTree({ ...request, folder: folderOf(request.folder), isInUse }, ports);
    },

    /**
     * Takes the session from one work tree to another of the same repository: what the conversation
     * is about is saved for the source, and what was saved for the target is given back.
     * @throws SbError `invalid_input` for the same tree twice, `not_found`, `conflict`.
     */
    async switch(fromPath: string, toPath: string): Promise<Switched> {
      const trees = await openTrees(startOf(fromPath, ports), ports.env);
      const from = treeAt(fromPath, trees, ports);
      const to = workable(treeAt(toPath, trees, ports));
      if (from === to) {
        throw new SbError("invalid_input", "both paths are the same work tree", {
          hint: "sb worktree list shows the others",
        });
      }
      const source = project.identifyAnew(existsSync(from.path) ? from.path : to.path);
      const target = project.identifyAnew(to.path);
      const found = session.current(source.root);
      const open = found && session.mayMove(found) ? found : undefined;
      const saved = open && saveOf(open, from.path);
      const moved = open && session.follow(target);
      const id = facts.get(nameOf(to.path));
      const restored = id ? context.get(id) : undefined;
      const branch = readBranch(findRepository(to.path)?.gitDir ?? to.path);
      return { from: from.path, to: to.path, branch, session: moved, saved, restored };
    },
  };

  function saveOf(open: Session, root: string): SavedContext | undefined {
    const conversation = session.conversationsOf(open).at(-1);
    if (!conversation) return undefined;
    const place = { root, projectKey: open.projectKey };
    const saved = context.save(conversation, { reason: "manual", ...place });
    if (saved) facts.put(nameOf(root), saved.id);
    return saved;
  }
}

/** A folder that a switch can begin to look from: the source itself, or the current one. */
function startOf(path: string, { cwd }: TreePorts): string {
  const place = resolve(cwd, path);
  return existsSync(place) && findRepository(place) ? place : cwd;
}

/** Under which the last context of a work tree is noted. */
function nameOf(root: string): string {
  return `worktree_context:${sha256(asOnDisk(root)).slice(0, 32)}`;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, "/"));
}
