import { join } from "node:path";
import { say, seenByModel, use } from "../api.ts";
import type { Scenario } from "../scenario.ts";

export const compact: Scenario = {
  name: "compact",
  shows: "a real /compact keeps goal, decisions and failures, which are given back after it",
  withoutServer: true,
  async run(lab, check) {
    const project = lab.project("harbour");
    await lab.sb(project, ["setup", "--json"]);
    const ask = "Move the harbour cache to Redis.";
    lab.api.script(ask, [
      use("Write", { file_path: join(project, "cache.ts"), content: "export {};\n" }),
      use("Bash", { command: "cat harbour.lock", description: "Show the lock" }),
      say("Moved. We decided to keep one client per process.\n\nShall I drop the old table?"),
    ]);
    const after = "What is left to do?";
    lab.api.script(after, [say("The old table is left to drop.")]);
    lab.api.summarise("They spoke of something.");

    const terminal = await lab.terminal(project, ["Write", "Bash"]);
    await terminal.enter(ask, "Shall I drop the old table?");
    await terminal.enter("/compact", "Compacted (");
    await terminal.enter(after, "The old table is left to drop.");
    await terminal.exit();

    const seen = seenByModel(lab.api.requestsFor(after)[0]);
    for (const part of [
      "goal: Move the harbour cache to Redis.",
      "decided: We decided to keep one client per process.",
      "failing: cat harbour.lock",
      "open question: Shall I drop the old table?",
    ]) {
      check.that("what the model read after /compact", seen.includes(part), {
        expected: part,
        saw: seen.slice(0, 1_500),
      });
    }
  },
};
