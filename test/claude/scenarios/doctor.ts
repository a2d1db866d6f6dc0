import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Lab } from "../lab.ts";
import type { Scenario } from "../scenario.ts";
import { exchange } from "../transcripts.ts";

const Report = z.looseObject({
  ok: z.boolean(),
  checks: z.array(
    z.looseObject({ name: z.string(), state: z.string(), fix: z.string().optional() }),
  ),
});

export const doctor: Scenario = {
  name: "doctor",
  shows: "sb doctor is content after a session, and names a link that broke within the next one",
  withoutServer: true,
  async run(lab, check) {
    const project = lab.project("ward");
    await lab.sb(project, ["setup", "--json"]);
    await lab.turn(project, { prompt: exchange(lab, "scalpel") });
    check.equal("broken links after a session", await brokenLinks(lab, project), []);

    takeHooksOut(lab);
    await lab.turn(project, { prompt: exchange(lab, "bandage") });
    check.equal("broken links without hooks", await brokenLinks(lab, project), ["hooks"]);

    await lab.sbCall(project, ["doctor", "--fix", "--json"]);
    check.equal("broken links once mended", await brokenLinks(lab, project), []);
  },
};

/** The links that `sb doctor` names; its exit code says whether there are any. */
async function brokenLinks(lab: Lab, project: string): Promise<string[]> {
  const { stdout, exitCode } = await lab.sbCall(project, ["doctor", "--json"]);
  const { ok, checks } = Report.parse(JSON.parse(stdout));
  const broken = checks.filter(({ state }) => state === "broken").map(({ name }) => name);
  if (ok !== (exitCode === 0)) throw new Error(`ok is ${ok}, and the exit code ${exitCode}`);
  return broken;
}

function takeHooksOut(lab: Lab): void {
  const path = join(lab.config, "settings.json");
  const { hooks: _, ...rest } = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify(rest, null, 2));
}
