import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { say, seenByModel, use } from "../api.ts";
import { type Lab, sbBinary } from "../lab.ts";
import type { Scenario } from "../scenario.ts";
import { exchange } from "../transcripts.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

const Validation = z.looseObject({
  success: z.boolean(),
  manifest: z.looseObject({ errors: z.array(z.unknown()), warnings: z.array(z.unknown()) }),
});

export const plugin: Scenario = {
  name: "plugin",
  shows: "the plugin passes the client's checks, works from a marketplace, and doubles nothing",
  withoutServer: true,
  async run(lab, check) {
    const project = lab.project("meadow");
    for (const args of [
      [join(ROOT, "cli/plugin"), "--strict", "--profile", "directory", "--json"],
      [ROOT, "--strict", "--json"],
    ]) {
      const { stdout } = await lab.client(project, ["plugin", "validate", ...args]);
      const { success, manifest } = Validation.parse(JSON.parse(stdout));
      check.equal(
        `validate ${args[0]}`,
        [success, manifest.errors, manifest.warnings],
        [true, [], []],
      );
    }
    await onPath(lab);
    await lab.client(project, ["plugin", "marketplace", "add", ROOT]);
    await lab.client(project, ["plugin", "install", "session-buddy@session-buddy"]);
    await lab.sb(project, ["setup", "--json"]);

    await lab.turn(project, { prompt: exchange(lab, "clover") });
    const first = lab.api.requests.length;
    const opening = "Call the tool `start`";
    const tool = "mcp__plugin_session-buddy_session-buddy__start";
    lab.api.script(opening, [use(tool, {}), say("Done.")]);
    const { result } = await lab.turn(project, { prompt: "/session-buddy:start" });

    const requests = lab.api.requests.slice(first);
    const told = requests.map(seenByModel).join("");
    check.equal("the end of /session-buddy:start", result, "Done.");
    const briefs = requests.map(
      (request) => seenByModel(request).split("<session-memory>").length - 1,
    );
    check.that("briefs before the model", briefs[0] === 1, { expected: "one", saw: briefs });
    check.that("the brief", told.includes("A clover connection outlives the request"), {
      expected: "the insight of the first session",
      saw: told.slice(0, 1_500),
    });
  },
};

/** Puts the binary under test where the plugin looks for it. */
async function onPath(lab: Lab): Promise<void> {
  const folder = join(lab.root, "bin");
  mkdirSync(folder, { recursive: true });
  symlinkSync(sbBinary(), join(folder, "sb"));
}
