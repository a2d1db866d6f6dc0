import { Database } from "bun:sqlite";
import { extractNative } from "./native.ts";

/**
 * How this machine searches vectors, in a few words: by SQLite's vector extension, put below `dir`
 * first, or by a scan where there is none or the system's SQLite takes no extension (macOS).
 */
export function vectorSupport(dir: string): string {
  const db = new Database(":memory:");
  try {
    db.loadExtension(extractNative("vec0", dir));
    const row = db.query<{ version: string }, []>("SELECT vec_version() AS version").get();
    return `sqlite-vec ${row?.version}`;
  } catch (error) {
    return `exact scan: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    db.close();
  }
}
