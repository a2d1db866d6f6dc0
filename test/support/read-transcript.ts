import { mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exchange } from "../../core/transcript/model.ts";
import { type Pass, readTranscript } from "../../core/transcript/tail.ts";
import { TRANSCRIPT_START, type Transcript } from "./transcript.ts";

/** When the files of `transcriptFile` were last changed, epoch ms: an hour after their first row. */
export const FILE_MODIFIED_AT = TRANSCRIPT_START + 3_600_000;

/** A file of its own with that text, last changed at `FILE_MODIFIED_AT`. @returns its path. */
export function transcriptFile(text: string | Uint8Array): string {
  // In the home that the preload makes and removes: this module outlives each file that uses it.
  const path = join(mkdtempSync(join(Bun.env["HOME"] ?? tmpdir(), "sb-")), "session.jsonl");
  writeFileSync(path, text);
  utimesSync(path, FILE_MODIFIED_AT / 1000, FILE_MODIFIED_AT / 1000);
  return path;
}

/** All exchanges of a transcript read at once, and what the pass said. */
export function readAll(source: Transcript | string): {
  exchanges: Exchange[];
  pass: Extract<Pass, { kind: "read" }>;
} {
  const exchanges: Exchange[] = [];
  const path = transcriptFile(typeof source === "string" ? source : source.text());
  const pass = readTranscript({ file: path, onExchange: (exchange) => exchanges.push(exchange) });
  if (pass.kind !== "read") throw new Error(`the pass was ${pass.kind}`);
  return { exchanges, pass };
}

/** Each passage as `role: text`. */
export function spoken(exchanges: readonly Exchange[]): string[][] {
  return exchanges.map(({ passages }) => passages.map(({ role, text }) => `${role}: ${text}`));
}
