import { resolve } from "node:path";
import type { ExportReport } from "../../core/archive/export.ts";
import { SbError } from "../../core/kernel/errors.ts";
import type { DocumentKind } from "../../core/search/kinds.ts";
import type { Invocation } from "../command.ts";
import { plural } from "../render/layout.ts";
import { openTarget, type Target } from "../target-file.ts";

/** Text is gathered to some so many characters before it is written. */
const BLOCK_CHARS = 256 * 1024;

/** `sb export FILE|-`: the memory as JSON Lines. The file is there whole or not at all. */
export async function exportTo(invocation: Invocation): Promise<undefined> {
  const { input, host, cwd, json } = invocation;
  const { file } = input;
  if (json && file === "-") {
    throw new SbError("invalid_input", "--json and - exclude each other", {
      hint: "the records go to standard output, which are JSON already",
    });
  }
  const { exportLines } = await import("../../core/archive/export.ts");
  const services = await (await invocation.open("read")).services();
  const request = {
    project: input["project"] === undefined ? undefined : String(input["project"]),
    kinds: input["kind"] as DocumentKind[] | undefined,
    since: await sinceOf(input["since"], services.ports.clock.now()),
    hidden: input["hidden"] === true,
  };
  const target =
    file === "-" ? standardOutput(host.io.out) : openTarget(resolve(cwd, String(file)));
  let report: ExportReport;
  try {
    report = await copy(exportLines(services, request), target);
    target.keep();
  } finally {
    target.discard();
  }
  if (json) host.io.out(`${JSON.stringify({ file: target.path, ...report })}\n`);
  else host.io.err(wordsOn(report, target.path));
  return undefined;
}

async function copy(lines: Generator<string, ExportReport>, target: Target): Promise<ExportReport> {
  let block = "";
  for (;;) {
    const step = lines.next();
    if (step.done || block.length >= BLOCK_CHARS) {
      target.write(block);
      block = "";
      await new Promise((done) => setImmediate(done)); // signals get through
    }
    if (step.done) return step.value;
    block += step.value;
  }
}

async function sinceOf(since: unknown, now: number): Promise<number | undefined> {
  if (since === undefined) return undefined;
  const { instantOf } = await import("../../core/archive/instant.ts");
  return instantOf(String(since), now);
}

function standardOutput(out: (text: string) => void): Target {
  return { path: "-", write: out, keep() {}, discard() {} };
}

function wordsOn({ records, hidden_projects }: ExportReport, path: string): string {
  const where = path === "-" ? "" : ` to ${path}`;
  const hidden =
    hidden_projects === 0
      ? ""
      : ` ${plural(hidden_projects, "paused or ignored project")} left out; --hidden takes them in.`;
  return `Exported ${plural(records, "record")}${where}.${hidden}\n`;
}
