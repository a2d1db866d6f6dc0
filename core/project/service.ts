import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { faultError, hidingFault } from "../kernel/config.ts";
import { SbError } from "../kernel/errors.ts";
import { redact } from "../kernel/redact.ts";
import { sha256 } from "../kernel/text.ts";
import { settings } from "../storage/settings.ts";
import type { ProjectIdentity } from "./detect.ts";
import { PAUSE_ALL, type ProjectPorts, projectFinder } from "./finder.ts";
import { manifestFolders } from "./manifest.ts";
import type { Project } from "./model.ts";
import { proximities } from "./proximity.ts";
import { projectStore } from "./store.ts";

export type ProjectService = ReturnType<typeof projectService>;

/** Knows the projects: which a folder belongs to, how they relate, and which are left alone. */
export function projectService(ports: ProjectPorts) {
  const store = projectStore(ports.db);
  const facts = settings(ports.db);
  const finder = projectFinder(ports);
  const { identify, identifyAnew, existing } = finder;

  return {
    ...finder,

    /**
     * Identity of `folder`, which must be there now.
     * @throws SbError `not_found`.
     */
    present(folder?: string): ProjectIdentity {
      const path = resolve(ports.cwd, folder ?? ".");
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return identifyAnew(path);
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

    /**
     * Keys of stored projects that must not be recalled.
     * @throws SbError `invalid_input` where the configuration's `ignore` cannot be read: that
     * nothing is found would not be true.
     */
    hiddenKeys(): ReadonlySet<string> {
      const fault = hidingFault(ports.config);
      if (fault) throw faultError(fault);
      const all = finder.isPausedEverywhere();
      const hidden = store
        .all()
        .filter(({ paused, root }) => all || paused || finder.isNamedToIgnore(root));
      return new Set(hidden.map(({ key }) => key));
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
      const identity = existing(name);
      this.meet(identity);
      store.setPaused(identity.key, paused);
      return { project: identity.name, paused };
    },
  };
}
