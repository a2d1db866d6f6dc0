import type { Database } from "bun:sqlite";
import { SbError } from "../../kernel/errors.ts";
import type { Env } from "../../kernel/paths.ts";
import type { Clock, Processes } from "../../kernel/ports.ts";
import { redact } from "../../kernel/redact.ts";
import type { ProjectIdentity } from "../detect.ts";
import { findRepository } from "../git.ts";
import type { ProjectService } from "../service.ts";
import { detectToolchains } from "./detect.ts";
import { type SyncState, syncCommand, type Toolchain } from "./model.ts";
import { runCommand } from "./run.ts";
import { syncState } from "./state.ts";
import { type SyncRecord, syncStore } from "./store.ts";

/** A package manager of the project, and how what is installed stands to its lock file. */
export interface Dependencies extends SyncState {
  readonly toolchain: Toolchain;
  /** What a sync would run. */
  readonly command: string;
  readonly last?: SyncRecord;
}

export interface SyncOptions {
  /** A person has agreed to this very sync. */
  readonly isAgreed: boolean;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

/** A first install over a slow network. */
const LIMIT_MS = 300_000;

/** After a failure nothing is run unasked for this long: every start would only fail again. */
const REST_MS = 3_600_000;

export type ToolchainService = ReturnType<typeof toolchainService>;

/** Knows what is installed in a project, and installs it where that is trusted or asked for. */
export function toolchainService(deps: {
  ports: { db: Database; clock: Clock; processes: Processes; env: Env };
  project: ProjectService;
  permission: { isTrusted(operation: "dependency_sync", identity: ProjectIdentity): boolean };
}) {
  const { ports, project, permission } = deps;
  const store = syncStore(ports);

  /** Every manager of the project; no manager is run. */
  function look(identity: ProjectIdentity): Dependencies[] {
    const top = findRepository(identity.root)?.workTree ?? identity.root;
    const last = store.all(identity.root);
    return detectToolchains(identity.root, top).map((toolchain) => {
      const record = last.find(({ manager }) => manager === toolchain.manager);
      const command = syncCommand(toolchain).join(" ");
      return {
        toolchain,
        command,
        ...syncState(toolchain, ports.env),
        ...(record ? { last: record } : {}),
      };
    });
  }

  /** Notes that this process runs the sync. @throws SbError `conflict` where another one does. */
  function begin(identity: ProjectIdentity, { toolchain, command }: Dependencies): SyncRecord {
    const { manager } = toolchain;
    const begun: SyncRecord = {
      ...{ manager, command, state: "running", exitCode: null, at: ports.clock.now() },
      ...{ ms: 0, output: "", runner: ports.processes.self() },
    };
    ports.db
      .transaction(() => {
        const running = store
          .all(identity.root)
          .find((one) => one.manager === manager && one.state === "running");
        if (running) {
          throw new SbError("conflict", `${running.command} is running in ${identity.root}`, {
            hint: "wait for it; sb status tells its end",
          });
        }
        store.put(identity.root, begun);
      })
      .immediate();
    return begun;
  }

  function isResting(last: SyncRecord | undefined): boolean {
    const hasFailed = last?.state === "failed" || last?.state === "timed out";
    return hasFailed && ports.clock.now() - last.at < REST_MS;
  }

  async function sync(
    identity: ProjectIdentity,
    dependencies: Dependencies,
    options: Pick<SyncOptions, "limitMs" | "signal">,
  ): Promise<SyncRecord> {
    const begun = begin(identity, dependencies);
    const keep = (record: SyncRecord) => {
      ports.db.transaction(() => store.put(identity.root, record)).immediate();
      return record;
    };
    try {
      const ended = await runCommand(syncCommand(dependencies.toolchain), {
        folder: dependencies.toolchain.root,
        env: ports.env,
        limitMs: options.limitMs ?? LIMIT_MS,
        signal: options.signal,
      });
      const state = ended.why !== "exited" ? ended.why : ended.exitCode === 0 ? "done" : "failed";
      const { exitCode, ms, output } = ended;
      return keep({ ...begun, state, exitCode, ms, output });
    } catch (error) {
      const output = redact(error instanceof Error ? error.message : String(error)).text;
      keep({ ...begun, state: "failed", output });
      throw error;
    }
  }

  return {
    look,

    /** Whether syncs of the project may run unasked. */
    isTrusted: (identity: ProjectIdentity) => permission.isTrusted("dependency_sync", identity),

    /**
     * Installs what the lock files say, by every manager whose state is not known to be right.
     * @throws SbError `forbidden` for a project that is left alone, and where it is neither trusted
     * nor agreed to; `not_found` without a manager; `unavailable`, `conflict`.
     */
    async sync(folder: string | undefined, options: SyncOptions): Promise<SyncRecord[]> {
      const identity = project.present(folder);
      if (project.isLeftAlone(identity)) {
        throw new SbError("forbidden", `${identity.name} is paused or ignored`, {
          hint: "sb unpause records it again",
        });
      }
      const found = look(identity);
      if (found.length === 0) {
        throw new SbError("not_found", `${identity.name} has no dependencies that sb knows`, {
          hint: "uv, poetry, pip, bun, pnpm, yarn, npm, cargo and go are known",
        });
      }
      if (!options.isAgreed && !this.isTrusted(identity)) {
        throw new SbError("forbidden", `a dependency sync is not trusted in ${identity.name}`, {
          hint: "confirm this one, or sb permissions trust dependency_sync",
        });
      }
      const records: SyncRecord[] = [];
      for (const one of found) {
        if (one.inSync !== true) records.push(await sync(identity, one, options));
      }
      return records;
    },

    /** Installs what is known to be out of step, where that is trusted; a failed sync rests first. */
    async syncIfTrusted(identity: ProjectIdentity, signal: AbortSignal): Promise<SyncRecord[]> {
      const records: SyncRecord[] = [];
      if (project.isLeftAlone(identity) || !this.isTrusted(identity)) return records;
      for (const one of look(identity)) {
        if (one.inSync !== false || signal.aborted || isResting(one.last)) continue;
        records.push(await sync(identity, one, { signal }));
      }
      return records;
    },
  };
}
