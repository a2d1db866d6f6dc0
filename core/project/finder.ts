import type { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { type Config, hidingFault } from "../kernel/config.ts";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import type { Clock } from "../kernel/ports.ts";
import { sha256 } from "../kernel/text.ts";
import { settings } from "../storage/settings.ts";
import { detectProject, type ProjectIdentity } from "./detect.ts";
import { isIgnored, type Project } from "./model.ts";
import { projectStore } from "./store.ts";

/** What finding a project needs of the outside. */
export interface ProjectPorts {
  readonly db: Database;
  readonly config: Config;
  readonly clock: Clock;
  readonly cwd: string;
  readonly env: Env;
}

/** Name of the setting that pauses every project. */
export const PAUSE_ALL = "pause_all";

export type ProjectFinder = ReturnType<typeof projectFinder>;

/**
 * Tells which project a folder belongs to, and whether it is left alone. Apart from the service,
 * which a status line need not load.
 */
export function projectFinder(ports: ProjectPorts) {
  const store = projectStore(ports.db);
  const facts = settings(ports.db);
  const identities = new Map<string, ProjectIdentity>();
  let knownRoots: Set<string> | undefined;

  /** Whether folders below a stored project are part of it: never for a home folder. */
  const isPlaceRoot = ({ vcs, root }: Project) => vcs === "none" && root !== ports.env["HOME"];

  /** Identity of `folder`; remembered for the life of the process, a transcript asks each row. */
  function identify(folder: string = ports.cwd): ProjectIdentity {
    const path = isAbsolute(folder) ? resolve(folder) : resolve(ports.cwd, folder);
    const seen = identities.get(path);
    if (seen) return seen;
    knownRoots ??= new Set(store.all().flatMap((known) => (isPlaceRoot(known) ? known.root : [])));
    const roots = knownRoots;
    const identity = detectProject(path, (dir) => roots.has(dir));
    identities.set(path, identity);
    return identity;
  }

  /** Whether nothing of `identity` may be read or recalled now. */
  function isLeftAlone(identity: Pick<ProjectIdentity, "key" | "root">): boolean {
    return (
      isPausedEverywhere() ||
      store.get(identity.key)?.paused === true ||
      hidingFault(ports.config) !== undefined ||
      isNamedToIgnore(identity.root)
    );
  }

  const isPausedEverywhere = (): boolean => facts.get(PAUSE_ALL) === "1";

  const isNamedToIgnore = (root: string): boolean =>
    isIgnored(root, ports.config.ignore, ports.env["HOME"] ?? "~");

  /** What decides which projects are left alone, as a hash: the same as long as the same are. */
  function rules(): string {
    const { ignore } = ports.config;
    const isHidden = isPausedEverywhere() || hidingFault(ports.config) !== undefined;
    return sha256(JSON.stringify([isHidden, store.pausedKeys(), ignore]));
  }

  /** Identity of `folder`, forgotten first: for what changes while a server runs (the branch). */
  function identifyAnew(folder?: string): ProjectIdentity {
    identities.delete(resolve(ports.cwd, folder ?? ports.cwd));
    return identify(folder);
  }

  /**
   * Identity of `folder`, which is there or was met before.
   * @throws SbError `not_found`.
   */
  function existing(folder?: string): ProjectIdentity {
    const identity = identifyAnew(folder);
    if (existsSync(resolve(ports.cwd, folder ?? ".")) || store.get(identity.key)) return identity;
    throw new SbError("not_found", `there is no folder ${folder}`, { hint: "check the path" });
  }

  return {
    identify,
    identifyAnew,
    existing,
    isLeftAlone,
    isPausedEverywhere,
    isNamedToIgnore,
    rules,
    get: (key: string): Project | undefined => store.get(key),
  };
}
