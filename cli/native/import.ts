import { closeSync, fstatSync, openSync } from "node:fs";
import { resolve } from "node:path";
import type { ImportReport } from "../../core/archive/import.ts";
import { SbError } from "../../core/kernel/errors.ts";
import type { Invocation } from "../command.ts";
import { clearedLine } from "../progress.ts";
import { bytesText, plural } from "../render/layout.ts";
import { tallyText } from "../render/search.ts";

/** Descriptor of standard input. */
const STDIN = 0;

/** `sb import FILE|-`: all records of a file or none, each once. */
export async function importFrom(invocation: Invocation): Promise<undefined> {
  const { input, host, cwd, json } = invocation;
  const { importRecords } = await import("../../core/archive/import.ts");
  const path = input["file"] === "-" ? undefined : resolve(cwd, String(input["file"]));
  const fd = path === undefined ? STDIN : openFile(path);
  try {
    const services = await (await invocation.open("write")).services();
    const line = clearedLine(host.io);
    const request = {
      fd,
      skipBad: input["skip_bad"] === true,
      revive: input["revive"] === true,
      dryRun: input["dry_run"] === true,
    };
    const report = await importRecords(services, request, ({ records, bytes }) =>
      line.show(`${plural(records, "record")}, ${bytesText(bytes)}`),
    ).finally(line.clear);
    host.io.out(json ? `${JSON.stringify(report)}\n` : wordsOn(report, request.dryRun));
  } finally {
    if (path !== undefined) closeSync(fd);
  }
  return undefined;
}

function openFile(path: string): number {
  try {
    const fd = openSync(path, "r");
    if (!fstatSync(fd).isDirectory()) return fd;
    closeSync(fd);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new SbError("not_found", `there is no file ${path}`, { hint: "check the path" });
    }
    throw new SbError("unavailable", `${path} cannot be read: ${code}`, { cause: error });
  }
  throw new SbError("invalid_input", `${path} is a folder`, { hint: "name a file in it" });
}

function wordsOn(report: ImportReport, isDry: boolean): string {
  const { imported, updated, duplicates, forgotten, skipped, bad, by_type, ignored_keys } = report;
  const verb = isDry ? "Would import" : "Imported";
  const parts = [
    `${verb} ${plural(imported, "record")}${imported > 0 ? ` (${tallyText(by_type)})` : ""}`,
    ...(updated > 0 ? [`${updated} grew`] : []),
    ...(duplicates > 0 ? [`${duplicates} known already`] : []),
    ...(forgotten > 0 ? [`${forgotten} left out as forgotten (--revive takes them in)`] : []),
    ...(skipped > 0 ? [plural(skipped, "bad line")] : []),
  ];
  const keys = Object.keys(ignored_keys);
  return [
    `${parts.join(", ")}.\n`,
    ...bad.map(({ line, problem }) => `  line ${line}: ${problem}\n`),
    keys.length > 0 ? `  keys left out: ${keys.join(", ")}\n` : "",
  ].join("");
}
