/** Settings a user or a project may change. Keys are written as here, nested, in JSON. */
export interface Config {
  /** Globs over project folders that are neither read nor recalled. */
  ignore: string[];
  checkpoint: { git: "off" | "snapshot" | "commit" };
  brief: { max_tokens: number };
  /** Days after which a memory counts half as recent. */
  search: { half_life_days: number };
  /** Megabytes the store may take, and days that tools' outputs are kept; 0: no limit. */
  retention: { max_db_mb: number; tool_output_days: number };
  profile: "core" | "standard" | "full";
}

/** What holds where nothing is configured. Apart from the schema, so that no one pays for that. */
export const DEFAULT_CONFIG: Config = {
  ignore: [],
  checkpoint: { git: "snapshot" },
  brief: { max_tokens: 800 },
  search: { half_life_days: 30 },
  retention: { max_db_mb: 0, tool_output_days: 0 },
  profile: "standard",
};
