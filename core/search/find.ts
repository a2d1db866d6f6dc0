import type { Database } from "bun:sqlite";
import type { Config } from "../kernel/config.ts";
import type { Clock } from "../kernel/ports.ts";
import type { ProjectService } from "../project/service.ts";
import { advancedSearch } from "./advanced.ts";
import { searchByCode } from "./by-code.ts";
import { searchByConcept } from "./by-concept.ts";
import { searchByError } from "./by-error.ts";
import { searchByFile } from "./by-file.ts";
import { searchByTime } from "./by-time.ts";
import { type CodeStore, codeStore } from "./code-store.ts";
import { type DuplicateStore, duplicateStore } from "./duplicate-store.ts";
import { findDuplicates } from "./duplicates.ts";
import { type ErrorStore, errorStore } from "./error-store.ts";
import { type FacetStore, facetStore } from "./facet-store.ts";
import { type FileStore, fileStore } from "./file-store.ts";
import type { Origin } from "./page.ts";
import type { SearchService } from "./service.ts";
import { suggest } from "./suggestions.ts";

/** What every list of hits is asked with. */
export interface Listing {
  readonly project?: string | undefined;
  readonly cursor?: string | undefined;
  readonly origin?: Origin | undefined;
  readonly limit: number;
  readonly maxTokens: number;
}

/** What the ways of finding work with. */
export interface FindDeps {
  readonly ports: { db: Database; clock: Clock; config: Config; cwd: string };
  readonly project: ProjectService;
  readonly search: SearchService;
  readonly files: FileStore;
  readonly code: CodeStore;
  readonly errors: ErrorStore;
  readonly facets: FacetStore;
  readonly duplicates: DuplicateStore;
}

export type FindService = ReturnType<typeof findService>;

/** Finds documents otherwise than by their words alone. */
export function findService(given: Pick<FindDeps, "ports" | "project" | "search">) {
  const { db } = given.ports;
  const deps = {
    ...{ ...given, files: fileStore(db), code: codeStore(db), errors: errorStore(db) },
    ...{ facets: facetStore(db), duplicates: duplicateStore(db) },
  };
  return {
    byFile: (request: Parameters<typeof searchByFile>[1]) => searchByFile(deps, request),
    byCode: (request: Parameters<typeof searchByCode>[1]) => searchByCode(deps, request),
    byError: (request: Parameters<typeof searchByError>[1]) => searchByError(deps, request),
    byConcept: (request: Parameters<typeof searchByConcept>[1]) => searchByConcept(deps, request),
    advanced: (request: Parameters<typeof advancedSearch>[1]) => advancedSearch(deps, request),
    suggest: (request: Parameters<typeof suggest>[1]) => suggest(deps, request),
    duplicates: (request: Parameters<typeof findDuplicates>[1]) => findDuplicates(deps, request),
    byTime: (request: Parameters<typeof searchByTime>[1]) => searchByTime(deps, request),
  };
}
