import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type ApiRequest, say, seenByModel, use, userTexts } from "../api.ts";
import { until } from "../check.ts";
import { type Lab, mcpTool } from "../lab.ts";
import type { Scenario } from "../scenario.ts";
import { exchange } from "../transcripts.ts";

const Receipts = z.looseObject({
  injections: z.array(
    z.looseObject({ event: z.string(), items: z.array(z.looseObject({ text: z.string() })) }),
  ),
});

export const home: Scenario = {
  name: "home",
  shows: "after sb setup alone the next session is told what the last one learnt",
  withoutServer: true,
  async run(lab, check) {
    const project = lab.project("meadow");
    const before = photograph(lab.config);
    await lab.sb(project, ["setup", "--json"]);

    await lab.turn(project, { prompt: exchange(lab, "clover") });
    const first = lab.api.requests.length;
    await lab.turn(project, { prompt: "Take up the work again." });

    const told = lab.api.requests.slice(first).map(seenByModel).join("");
    check.that("what the second session's model read", told.includes("<session-memory>"), {
      expected: "a brief",
      saw: told.slice(0, 1_500),
    });
    check.that("the brief", told.includes("A clover connection outlives the request"), {
      expected: "the insight of the first session",
      saw: told.slice(0, 1_500),
    });
    const receipts = Receipts.parse(await lab.sb(project, ["call", "explain_injection"]));
    check.equal(
      "events with a receipt",
      [...new Set(receipts.injections.map((r) => r.event))],
      ["SessionStart"],
    );
    await slashCommands(lab, project, check);
    await lab.sb(project, ["setup", "--remove", "--json"]);
    check.equal("what is left of setup", changed(before, photograph(lab.config)), []);
  },
};

/** `/session-buddy:start`, `/start`, `/checkpoint NAME`, `/end` lead to a call of the tool. */
async function slashCommands(lab: Lab, project: string, check: Parameters<Scenario["run"]>[1]) {
  const lines = [
    ["/session-buddy:start", "start", {}],
    ["/start", "start", {}],
    ["/checkpoint before the move", "checkpoint", { name: "before the move" }],
    ["/end", "end", {}],
  ] as const;
  for (const [line, tool, input] of lines) {
    const opening = `Call the tool \`${tool}\``;
    lab.api.script(opening, [use(mcpTool(tool), input), say("Done.")]);
    const { result } = await lab.turn(project, { prompt: line });
    const request = lab.api.requestsFor(opening).at(-1);
    check.equal(`the end of ${line}`, result, "Done.");
    check.that(`${line} before the model`, wordsOf(request).includes(opening), {
      expected: opening,
      saw: wordsOf(request).slice(-500),
    });
    const answered = seenByModel(request);
    check.that(`what ${tool} answered`, /session_id|checkpoint_id/.test(answered), {
      expected: "the tool's result",
      saw: answered.slice(-800),
    });
  }
  await until("the checkpoint", async () => {
    const shown = JSON.stringify(await lab.sb(project, ["session", "list", "--json"]));
    return shown.includes('"state":"ended"') ? true : undefined;
  });
}

function wordsOf(request: ApiRequest | undefined): string {
  return userTexts(request).join("\n");
}

/** What setup touches: the client's own files change by themselves. */
function photograph(config: string): Map<string, string> {
  const paths = readdirSync(config, { recursive: true, encoding: "utf8" }).filter((path) =>
    /^(settings\.json|commands|data\/backups)/.test(path),
  );
  return new Map(
    paths.map((path) => {
      const full = join(config, path);
      return [path, statSync(full).isFile() ? readFileSync(full, "latin1") : "folder"];
    }),
  );
}

function changed(before: Map<string, string>, after: Map<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}
