/**
 * Drives the real Claude Code client against `sb`, offline, one scenario after the other.
 * `bun test/claude/run.ts [--only NAME]... [--keep]`; `SB_BINARY` names another binary than
 * `dist/sb`. Exit code 1 when a scenario failed, 2 when the call is wrong.
 */
import { parseArgs } from "node:util";
import { newCheck } from "./check.ts";
import { claudeClient } from "./client.ts";
import { type Lab, openLab, sbBinary } from "./lab.ts";
import type { Scenario } from "./scenario.ts";
import { compact } from "./scenarios/compact.ts";
import { crash } from "./scenarios/crash.ts";
import { doctor } from "./scenarios/doctor.ts";
import { fix } from "./scenarios/fix.ts";
import { health } from "./scenarios/health.ts";
import { home } from "./scenarios/home.ts";
import { plugin } from "./scenarios/plugin.ts";
import { prompt } from "./scenarios/prompt.ts";
import { recall } from "./scenarios/recall.ts";
import { remember } from "./scenarios/remember.ts";
import { several } from "./scenarios/several.ts";
import { transcripts } from "./scenarios/transcripts.ts";

const SCENARIOS: readonly Scenario[] = [
  health,
  remember,
  recall,
  prompt,
  crash,
  transcripts,
  several,
  home,
  plugin,
  compact,
  fix,
  doctor,
];

let current: Lab | undefined;

/** What `scenario` did not show; empty when it passed. */
async function failuresOf(scenario: Scenario, keep: boolean): Promise<readonly string[]> {
  const check = newCheck();
  const { outputStyle, withoutServer = false } = scenario;
  const lab = openLab({
    keep,
    withoutServer,
    ...(outputStyle === undefined ? {} : { outputStyle }),
  });
  current = lab;
  try {
    await scenario.run(lab, check);
    return check.failures;
  } catch (error) {
    return [...check.failures, error instanceof Error ? error.message : String(error)];
  } finally {
    await lab.close();
    if (keep) process.stderr.write(`kept ${lab.root}\n`);
  }
}

async function report(scenario: Scenario, keep: boolean): Promise<boolean> {
  const startedAt = performance.now();
  const failures = await failuresOf(scenario, keep);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const mark = failures.length === 0 ? "pass" : "FAIL";
  const name = scenario.name.padEnd(11);
  process.stdout.write(`${mark}  ${name} ${seconds.padStart(5)} s  ${scenario.shows}\n`);
  for (const failure of failures) {
    process.stdout.write(`${failure.replace(/^/gm, "      ")}\n`);
  }
  return failures.length === 0;
}

function wanted(only: readonly string[]): readonly Scenario[] {
  const unknown = only.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = SCENARIOS.map(({ name }) => name).join(", ");
    process.stderr.write(`no scenario ${unknown.join(", ")}; there are ${known}\n`);
    process.exit(2);
  }
  return SCENARIOS.filter(({ name }) => only.length === 0 || only.includes(name));
}

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    only: { type: "string", multiple: true, default: [] },
    keep: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void (current?.close() ?? Promise.resolve()).finally(() => process.exit(130));
  });
}
const chosen = wanted(values.only);
process.stdout.write(`client ${claudeClient()}\nsb     ${sbBinary()}\n`);
let passed = 0;
for (const scenario of chosen) {
  if (await report(scenario, values.keep)) passed += 1;
}
process.stdout.write(`${passed} passed, ${chosen.length - passed} failed\n`);
process.exit(passed === chosen.length ? 0 : 1);
