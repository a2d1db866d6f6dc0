import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

/** What the baseline did. */
export interface Parsed {
  readonly files: number;
  readonly lines: number;
  readonly bad: number;
  readonly ms: number;
}

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * What ingest is compared with: reads every transcript below `folder` by chunks, decodes each line
 * as UTF-8 and gives it to `JSON.parse`; nothing else, and nothing is kept.
 */
export function parseAll(folder: string): Parsed {
  const started = performance.now();
  const count = { files: 0, lines: 0, bad: 0 };
  for (const path of new Bun.Glob("projects/**/*.jsonl").scanSync(folder)) {
    count.files += 1;
    parseFile(join(folder, path), count);
  }
  return { ...count, ms: Math.round(performance.now() - started) };
}

function parseFile(path: string, count: { lines: number; bad: number }): void {
  const fd = openSync(path, "r");
  let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, fstatSync(fd).size + 1));
  let held = 0;
  for (;;) {
    if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const got = readSync(fd, buffer, held, buffer.length - held, null);
    if (got === 0) break;
    const filled = held + got;
    let start = 0;
    let end = buffer.indexOf(NEWLINE, held);
    while (end >= 0 && end < filled) {
      parseLine(buffer.toString("utf8", start, end), count);
      start = end + 1;
      end = buffer.indexOf(NEWLINE, start);
    }
    buffer.copyWithin(0, start, filled);
    held = filled - start;
  }
  if (held > 0) parseLine(buffer.toString("utf8", 0, held), count);
  closeSync(fd);
}

function parseLine(line: string, count: { lines: number; bad: number }): void {
  if (line === "") return;
  count.lines += 1;
  try {
    JSON.parse(line);
  } catch {
    count.bad += 1;
  }
}

if (import.meta.main) {
  const folder = process.argv[2] ?? ".";
  process.stdout.write(`${JSON.stringify(parseAll(folder))}\n`);
}
