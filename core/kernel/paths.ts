import { join, resolve } from "node:path";

/** The variables of the process, as `main.ts` read them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The name of the database's file, which a person gives back to have it emptied. */
export const DATABASE_NAME = "session-buddy.db";

/** Every folder and file that `sb` reads or writes outside a project. Absolute. */
export interface Paths {
  /** Claude Code's own folder. */
  readonly claude: string;
  /** Transcripts, one folder a project. Read only. */
  readonly transcripts: string;
  readonly data: string;
  readonly database: string;
  /** Whole copies of the database. */
  readonly backups: string;
  readonly native: string;
  readonly models: string;
  readonly logs: string;
  /** Slash commands of the user's. */
  readonly commands: string;
  /** The user's own settings of `sb`. */
  readonly userConfig: string;
}

/** Where everything lies. `CLAUDE_CONFIG_DIR` moves all of it, `SB_DATA_DIR` the data alone. */
export function resolvePaths(env: Env): Paths {
  const claude = resolve(env["CLAUDE_CONFIG_DIR"] || join(homeFolder(env), ".claude"));
  const data = resolve(env["SB_DATA_DIR"] || join(claude, "data"));
  return {
    claude,
    transcripts: join(claude, "projects"),
    data,
    database: join(data, DATABASE_NAME),
    backups: join(data, "backups"),
    native: join(data, "native"),
    models: resolve(env["SB_MODEL_DIR"] || join(data, "models")),
    logs: join(claude, "logs"),
    commands: join(claude, "commands"),
    userConfig: join(claude, "session-buddy.json"),
  };
}

/** The user's own folder; the module that knows it without HOME is loaded where it is needed, hardly ever. */
export function homeFolder(env: Env): string {
  return env["HOME"] || process.getBuiltinModule("node:os").homedir();
}
