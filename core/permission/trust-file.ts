import { isoTime } from "../kernel/text.ts";
import {
  editJson,
  isRecord,
  type JsonSource,
  jsonRefusal,
  objectIn,
} from "../storage/json-file.ts";
import type { Grant, TrustList } from "./model.ts";

const TRUSTED = "trusted_operations";
const REVOKED = "revoked_operations";

/**
 * The trust list in `trusted_permissions.json`. A line is a name, as the original wrote it and a
 * hand may, or an object `{operation, project?, at?}`.
 * @throws SbError `conflict` for what is no such file: nothing is trusted then.
 */
export function readTrustList(source: JsonSource): TrustList {
  const root = objectIn(source);
  return {
    trusted: grantsIn(root[TRUSTED], TRUSTED, source),
    revoked: grantsIn(root[REVOKED], REVOKED, source),
  };
}

function grantsIn(value: unknown, key: string, { path }: JsonSource): Grant[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw jsonRefusal(path, `${key} is no list`);
  return value.map((line: unknown) => {
    if (typeof line === "string") return { operation: line };
    const operation = isRecord(line) ? line["operation"] : undefined;
    if (!isRecord(line) || typeof operation !== "string") {
      throw jsonRefusal(path, `a line of ${key} names no operation`);
    }
    const { project, at } = line;
    if (project !== undefined && typeof project !== "string") {
      throw jsonRefusal(path, `the project of ${operation} in ${key} is no text`);
    }
    return {
      operation,
      ...(typeof project === "string" ? { project } : {}),
      ...(typeof at === "string" ? { at } : {}),
    };
  });
}

/** How a list is to change. */
export interface TrustChange {
  readonly list: "trusted" | "revoked";
  /** Lines that this keeps stay as they are written. */
  readonly keep: (grant: Grant) => boolean;
  readonly add?: Grant;
}

/** The file's text with its lists changed and all else as it was. */
export function withChanges(
  source: JsonSource,
  changes: readonly TrustChange[],
  now: number,
): string {
  const { path } = source;
  let { text } = source;
  for (const { list, keep, add } of changes) {
    const key = list === "trusted" ? TRUSTED : REVOKED;
    const grants = readTrustList({ path, text })[list];
    const gone = grants.flatMap((grant, index) => (keep(grant) ? [] : [index]));
    for (const index of gone.toReversed()) text = editJson(text, [key, index], undefined);
    const left = grants.length - gone.length;
    if (add && objectIn({ path, text })[key] === undefined) text = editJson(text, [key], []);
    if (add) text = editJson(text, [key, left], add);
  }
  if (text !== source.text) text = editJson(text, ["last_updated"], isoTime(now));
  return text.endsWith("\n") ? text : `${text}\n`;
}
