import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { plainName } from "./rows.ts";

/** What a transcript's path says. */
export interface TranscriptName {
  readonly path: string;
  /**
   * From the file's name; of a subagent's file the parent's, from its folder: that name, or its hash
   * where it can be no id. Empty for a subagent beside its parent (clients before 2.1), where only
   * the rows tell.
   */
  readonly sessionId: string;
  readonly agentId?: string;
  /** Folder below `projects`: a lossy picture of the working folder, never to be decoded. */
  readonly slug: string;
}

/** A transcript as it was found. */
export interface TranscriptFile extends TranscriptName {
  /** Epoch ms. */
  readonly modifiedAt: number;
  /** Bytes. */
  readonly size: number;
}

export interface Located {
  /** The latest changed first. */
  readonly files: readonly TranscriptFile[];
  /** Folders and files that the system did not let us look at. */
  readonly unreadable: number;
}

const SUFFIX = ".jsonl";
const AGENT_PREFIX = "agent-";
const AGENT_FOLDER = "subagents";
/** Workflows nest their agents' folders; the client's own nesting stays far below this. */
const DEEPEST = 8;

/**
 * Every transcript below `<claude>/projects`: sessions, their subagents in `<session>/subagents`
 * at any depth, and the subagents that older clients put beside them. Links are not followed. A path
 * that is not `isWanted` costs no look at its file.
 */
export function locateTranscripts(
  projectsDir: string,
  isWanted: (path: string) => boolean = () => true,
): Located {
  const walk = new Walk(isWanted);
  for (const slug of walk.entries(projectsDir)) {
    if (slug.isDirectory()) walk.project(join(projectsDir, slug.name));
  }
  return walk.located();
}

/** One session's transcript and those of its subagents, by whichever of the two is known. */
export function locateSession(
  projectsDir: string,
  session: { readonly transcriptPath?: string; readonly sessionId?: string },
): Located {
  const walk = new Walk();
  const { transcriptPath, sessionId } = session;
  if (transcriptPath?.endsWith(SUFFIX)) walk.session(transcriptPath);
  else if (sessionId && basename(sessionId) === sessionId) {
    for (const slug of walk.entries(projectsDir)) {
      if (slug.isDirectory()) walk.session(join(projectsDir, slug.name, sessionId + SUFFIX));
    }
  }
  return walk.located();
}

/** What `path` says about the transcript in it. */
export function nameTranscript(path: string): TranscriptName {
  const name = basename(path, SUFFIX);
  const folders = dirname(path).split(/[\\/]/);
  const agents = folders.lastIndexOf(AGENT_FOLDER);
  const slug = folders.at(-1) ?? "";
  if (!name.startsWith(AGENT_PREFIX)) return { path, sessionId: plainName(name), slug };
  const agentId = plainName(name.slice(AGENT_PREFIX.length));
  if (agents < 1) return { path, sessionId: "", agentId, slug };
  const sessionId = plainName(folders[agents - 1] ?? "");
  return { path, sessionId, agentId, slug: folders[agents - 2] ?? "" };
}

class Walk {
  readonly #files: TranscriptFile[] = [];
  readonly #isWanted: (path: string) => boolean;
  #unreadable = 0;

  constructor(isWanted: (path: string) => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  located(): Located {
    const files = this.#files.toSorted(
      (a, b) => b.modifiedAt - a.modifiedAt || (a.path < b.path ? -1 : 1),
    );
    return { files, unreadable: this.#unreadable };
  }

  entries(folder: string): Dirent[] {
    return this.#look(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  }

  project(folder: string): void {
    for (const entry of this.entries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isFile()) this.#file(path);
      else if (entry.isDirectory()) this.#agents(join(path, AGENT_FOLDER), DEEPEST);
    }
  }

  session(path: string): void {
    this.#file(path);
    this.#agents(join(dirname(path), basename(path, SUFFIX), AGENT_FOLDER), DEEPEST);
  }

  #agents(folder: string, depth: number): void {
    if (!this.#isFolder(folder)) return;
    for (const entry of this.entries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isFile() && entry.name.startsWith(AGENT_PREFIX)) this.#file(path);
      else if (entry.isDirectory() && depth > 0) this.#agents(path, depth - 1);
    }
  }

  #isFolder(path: string): boolean {
    return this.#look(() => lstatSync(path))?.isDirectory() ?? false;
  }

  #file(path: string): void {
    if (!path.endsWith(SUFFIX) || !this.#isWanted(path)) return;
    const stats = this.#look(() => lstatSync(path));
    if (!stats?.isFile()) return;
    const modifiedAt = Math.trunc(stats.mtimeMs);
    this.#files.push({ ...nameTranscript(path), modifiedAt, size: stats.size });
  }

  /** What `act` finds; nothing where there is nothing, counted where there may be something. */
  #look<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "ENOENT" && code !== "ENOTDIR") this.#unreadable += 1;
      return undefined;
    }
  }
}
