import { join } from "node:path";
import { say, seenByModel, use } from "../api.ts";
import type { Scenario } from "../scenario.ts";

export const fix: Scenario = {
  name: "fix",
  shows: "a failing command gets the fix that an earlier session found",
  withoutServer: true,
  async run(lab, check) {
    const project = lab.project("weaver");
    await lab.sb(project, ["setup", "--json"]);
    const path = join(project, "pool.sh");
    const allow = ["Write", "Bash"];
    const first = "Make the weaver tests pass.";
    const broken = "echo 'TypeError: pool.close is not a function' >&2\nexit 1\n";
    lab.api.script(first, [
      use("Write", { file_path: path, content: broken }),
      use("Bash", { command: "sh pool.sh", description: "Run the tests" }),
      use("Bash", { command: "rm pool.sh", description: "Start over" }),
      use("Write", { file_path: path, content: "echo await pool.end\n" }),
      use("Bash", { command: "sh pool.sh", description: "Run the tests" }),
      say("The pool of this driver has end, not close."),
    ]);
    await lab.turn(project, { prompt: first, allow });

    const second = "Proceed now.";
    lab.api.script(second, [
      use("Bash", {
        command: `${broken.trim().replace("\n", "; ")}`,
        description: "Run the tests",
      }),
      say("I know this one."),
    ]);
    await lab.turn(project, { prompt: second, allow });

    const seen = seenByModel(lab.api.requestsFor(second)[1]);
    for (const part of ["This error was resolved on", "await pool.end", "has end, not close"]) {
      check.that("what the model read after the failure", seen.includes(part), {
        expected: part,
        saw: seen.slice(-1_500),
      });
    }
  },
};
