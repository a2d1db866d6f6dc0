import { readFileSync, statSync } from "node:fs";

/** Far more than any file that is read whole for what it says: git's packed refs are the longest. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The text of a file in a folder that someone else may have filled: a repository can hold a link to a
 * device or a pipe, whose reading would never end.
 * @throws Error what the system says, or for what is no regular file or is huge.
 */
export function readRegularText(path: string): string {
  const found = statSync(path);
  if (!found.isFile()) throw new Error(`${path} is no regular file`);
  if (found.size > MOST_BYTES) throw new Error(`${path} is too large`);
  return readFileSync(path, "utf8");
}
