import type { Database } from "bun:sqlite";
import type { Config } from "../kernel/config.ts";
import type { Clock } from "../kernel/ports.ts";
import type { ProjectService } from "../project/service.ts";
import { searchByFile } from "./by-file.ts";
import { searchByTime } from "./by-time.ts";
import { type FileStore, fileStore } from "./file-store.ts";
import type { SearchService } from "./service.ts";

/** What every list of hits is asked with. */
export interface Listing {
  readonly project?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly maxTokens: number;
}

/** What the ways of finding work with. */
export interface FindDeps {
  readonly ports: { db: Database; clock: Clock; config: Config; cwd: string };
  readonly project: ProjectService;
  readonly search: SearchService;
  readonly files: FileStore;
}

export type FindService = ReturnType<typeof findService>;

/** Finds documents otherwise than by their words alone. */
export function findService(given: Omit<FindDeps, "files">) {
  const deps: FindDeps = { ...given, files: fileStore(given.ports.db) };
  return {
    byFile: (request: Parameters<typeof searchByFile>[1]) => searchByFile(deps, request),
    byTime: (request: Parameters<typeof searchByTime>[1]) => searchByTime(deps, request),
  };
}
