import type { Database } from "bun:sqlite";
import { existsSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Config } from "../kernel/config.ts";
import { SbError } from "../kernel/errors.ts";
import type { Env } from "../kernel/paths.ts";
import type { Clock } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import { sha256 } from "../kernel/text.ts";
import { settings } from "../storage/settings.ts";
import { detectProject, type ProjectIdentity } from "./detect.ts";
import { manifestFolders } from "./manifest.ts";
import { isIgnored, type Project } from "./model.ts";
import { proximities } from "./proximity.ts";
import { projectStore } from "./store.ts";

/** What the project service needs of the outside. */
export interface ProjectPorts {
  readonly db: Database;
  readonly config: Config;
  readonly clock: Clock;
  readonly cwd: string;
  readonly env: Env;
}

/** Name of the setting that pauses every project. */
const PAUSE_ALL = "pause_all";

export type ProjectService = ReturnType<typeof projectService>;

/** Knows which project a folder belongs to, and which projects are left alone. */
export function projectService(ports: ProjectPorts) {
  const store = projectStore(ports.db);
  const facts = settings(ports.db);
  const identities = new Map<string, ProjectIdentity>();
  let knownRoots: Set<string> | undefined;

  /** Whether folders below a stored project are part of it: never for a home folder. */
  const isPlaceRoot = ({ vcs, root }: Project) => vcs === "none" && root !== ports.env["HOME"];

  /** Identity of `folder`; remembered for the life of the process, a transcript asks each row. */
  function identify(folder: string = ports.cwd): ProjectIdentity {
    const path = resolve(ports.cwd, folder);
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
      facts.get(PAUSE_ALL) === "1" ||
      store.get(identity.key)?.paused === true ||
      isIgnored(identity.root, ports.config.ignore, ports.env["HOME"] ?? "~")
    );
  }

  return {
    identify,
    isLeftAlone,

    /** Identity of `folder`, forgotten first: for what changes while a server runs (the branch). */
    identifyAnew(folder?: string): ProjectIdentity {
      identities.delete(resolve(ports.cwd, folder ?? ports.cwd));
      return identify(folder);
    },

    /**
     * Identity of `folder`, which is there or was met before.
     * @throws SbError `not_found`.
     */
    existing(folder?: string): ProjectIdentity {
      const identity = this.identifyAnew(folder);
      if (existsSync(resolve(ports.cwd, folder ?? ".")) || store.get(identity.key)) return identity;
      throw new SbError("not_found", `there is no folder ${folder}`, { hint: "check the path" });
    },

    /**
     * Identity of `folder`, which must be there now.
     * @throws SbError `not_found`.
     */
    present(folder?: string): ProjectIdentity {
      const path = resolve(ports.cwd, folder ?? ".");
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return this.identifyAnew(path);
      throw new SbError("not_found", `there is no folder ${path}`, { hint: "check the path" });
    },

    /** Writes down that `identity` was met at `at` (epoch ms). */
    meet(identity: ProjectIdentity, at: number = ports.clock.now()): void {
      store.meet({
        key: identity.key,
        name: redact(identity.name).text,
        root: redact(identity.root).text,
        remote: identity.remote ? redact(identity.remote).text : null,
        vcs: identity.vcs,
        at,
      });
    },

    /**
     * Writes down which local projects the manifests of `identity` depend on.
     * Folders that are gone are no dependency.
     */
    relate(identity: ProjectIdentity): void {
      const targets = manifestFolders(identity.root)
        .map((folder) => identify(folder))
        .filter(({ key }) => key !== identity.key);
      const known = new Set(
        store.edges().flatMap((e) => (e.source === identity.key ? e.target : [])),
      );
      if (targets.length === known.size && targets.every(({ key }) => known.has(key))) return;
      for (const target of targets) this.meet(target);
      const keys = targets.map(({ key }) => key);
      store.setManifest(identity.key, keys, ports.clock.now());
    },

    /** How near other projects are to `key`, in 0..1: those that dependencies relate it to. */
    proximityFrom: (key: string): ReadonlyMap<string, number> => proximities(key, store.edges()),

    /** Keys of stored projects that must not be recalled. */
    hiddenKeys(): ReadonlySet<string> {
      return new Set(
        store
          .all()
          .filter((project) => isLeftAlone(project))
          .map(({ key }) => key),
      );
    },

    /**
     * Keys meant by `name`: a stored project's name, or a folder. More than one when several
     * projects share the name.
     * @throws SbError `not_found` when no project is called so and no such folder is known.
     */
    keysOf(name: string): readonly string[] {
      const named = store.named(name);
      if (named.length > 0) return named.map(({ key }) => key);
      if (isAbsolute(name) || name.startsWith(".")) {
        const { key } = identify(name);
        if (store.get(key)) return [key];
      }
      throw new SbError("not_found", `no project called "${name}"`, {
        hint: "leave project out to search all; sb session list shows what is known",
      });
    },

    /**
     * Key to store something under: the current project without a `name`, else the newest project
     * called so, the project of a folder, or a new project that is only a name.
     */
    keyForWriting(name?: string): string {
      if (name === undefined || isAbsolute(name) || name.startsWith(".")) {
        const identity = identify(name);
        this.meet(identity);
        return identity.key;
      }
      const known = store.named(name)[0];
      if (known) return known.key;
      const clean = redact(name).text;
      const key = `name:${sha256(clean.toLowerCase()).slice(0, 32)}`;
      const at = ports.clock.now();
      store.meet({ key, name: clean, root: "", remote: null, vcs: "none", at });
      return key;
    },

    get: (key: string): Project | undefined => store.get(key),
    list: (): Project[] => store.all(),

    /**
     * Pauses or resumes the projects called `name`, the one of that folder, or all with `*`.
     * @throws SbError `not_found` when it is neither a known name nor a folder.
     */
    setPaused(name: string, paused: boolean): { project: string; paused: boolean } {
      if (name === "*") {
        facts.put(PAUSE_ALL, paused ? "1" : "0");
        return { project: "*", paused };
      }
      const named = store.named(name);
      for (const { key } of named) store.setPaused(key, paused);
      if (named[0]) return { project: named[0].name, paused };
      const identity = this.existing(name);
      this.meet(identity);
      store.setPaused(identity.key, paused);
      return { project: identity.name, paused };
    },

    isPausedEverywhere: (): boolean => facts.get(PAUSE_ALL) === "1",
  };
}
