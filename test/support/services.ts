import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localEmbedder } from "../../core/embedding/embedder.ts";
import { loadConfig } from "../../core/kernel/load-config.ts";
import { type Env, resolvePaths } from "../../core/kernel/paths.ts";
import type { Embedder, ProcessRef } from "../../core/kernel/ports.ts";
import { createServices, type Services } from "../../core/services.ts";
import { openDatabase } from "../../core/storage/database.ts";

/** The time in tests: 2026-01-10T00:00:00Z. */
export const NOW = Date.UTC(2026, 0, 10);

export interface World {
  readonly services: Services;
  /** `<claude>` of this world. */
  readonly claude: string;
  /** A folder for projects. */
  readonly home: string;
  /** Another process on the same store. */
  another(options?: WorldOptions): Services;
  /** Moves the clock. */
  pass(ms: number): void;
  /** Processes that run; the owner of the services is among them at first. */
  readonly alive: Set<number>;
  [Symbol.dispose](): void;
}

export interface WorldOptions {
  readonly cwd?: string;
  readonly env?: Env;
  readonly config?: Record<string, unknown>;
  readonly owner?: ProcessRef;
  readonly self?: ProcessRef;
  /** In place of the model in this world's folder. */
  readonly embedder?: Embedder;
  /** A folder to work in that stays, with what it holds; else one of its own that goes. */
  readonly kept?: string | undefined;
}

/** Services over a store, a clock and processes of their own; everything else is real. */
export function makeWorld(options: WorldOptions = {}): World {
  const home = realpathSync(options.kept ?? mkdtempSync(join(tmpdir(), "sb-world-")));
  const claude = join(home, ".claude");
  mkdirSync(join(claude, "projects"), { recursive: true });
  const alive = new Set<number>([100]);
  let now = NOW;
  let ids = 0;
  const opened: { close(): void }[] = [];

  function open({
    cwd = home,
    env = {},
    config,
    owner = { pid: 100, startedAt: 1 },
    self = { pid: 1, startedAt: 1 },
    embedder,
  }: WorldOptions) {
    const fullEnv = { HOME: home, PATH: Bun.env["PATH"], CLAUDE_CONFIG_DIR: claude, ...env };
    const paths = resolvePaths(fullEnv);
    const db = openDatabase(paths.database);
    const embedding = localEmbedder(fullEnv, paths);
    opened.push(db, { close: embedding.release });
    return createServices({
      db,
      clock: { now: () => now },
      ids: { next: () => (options.kept ? Bun.randomUUIDv7() : `id-${++ids}`) },
      log: { debug() {}, warn() {}, error() {} },
      paths,
      config: loadConfig({
        env: fullEnv,
        user: config && { path: paths.userConfig, text: JSON.stringify(config) },
      }),
      env: fullEnv,
      get embedder() {
        return embedder ?? embedding.current();
      },
      cwd,
      processes: {
        self: () => self,
        owner: () => owner,
        isAlive: ({ pid }) => alive.has(pid),
      },
      version: "0.0.0-test",
      serves: false,
    });
  }

  return {
    services: open(options),
    claude,
    home,
    alive,
    another: (others = {}) => open({ ...options, ...others }),
    pass(ms) {
      now += ms;
    },
    [Symbol.dispose]() {
      for (const db of opened) db.close();
      if (!options.kept) rmSync(home, { recursive: true, force: true });
    },
  };
}
