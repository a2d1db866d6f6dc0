import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { say, stall, use } from "./api.ts";
import { until } from "./check.ts";
import type { Lab } from "./lab.ts";

/** A conversation that the real client has written down, and what must be found of it. */
export interface Conversation {
  /** What was done to it: `resumed`, `forked`, `killed` and so on. */
  readonly kind: string;
  readonly sessionId: string;
  readonly project: string;
  /** Each stands in the question and answer of one exchange of this conversation alone. */
  readonly words: readonly string[];
  /** Each stands in one insight of this conversation alone. */
  readonly insights: readonly string[];
  /** Words of a subagent: also in the tool call that sent it, so found at least once. */
  readonly subagentWords: readonly string[];
}

/** An insight in the form that the client's Explanatory style asks for. */
export function insightBlock(...points: readonly string[]): string {
  const rule = (length: number) => "─".repeat(length);
  const body = points.map((point) => `- ${point}`).join("\n");
  return `\`★ Insight ${rule(37)}\`\n${body}\n\`${rule(49)}\``;
}

/** Has the client write one conversation of every kind that it can be brought to here. */
export async function makeTranscripts(lab: Lab): Promise<Conversation[]> {
  return [
    ...(await resumedAndForked(lab)),
    ...(await clearedAndFresh(lab)),
    await compacted(lab),
    await queued(lab),
    await withTools(lab),
    await withSubagent(lab),
    await killed(lab),
  ];
}

/** One session in two runs, then a copy of it that goes its own way. */
async function resumedAndForked(lab: Lab): Promise<Conversation[]> {
  const project = lab.project("orchard");
  const first = await lab.turn(project, { prompt: exchange(lab, "juniper") });
  const base = first.session_id;
  await lab.turn(project, { prompt: exchange(lab, "tamarind"), resume: base });
  await lab.turn(project, { prompt: exchange(lab, "hawthorn"), resume: "latest" });
  const fork = await lab.turn(project, {
    prompt: exchange(lab, "mulberry"),
    resume: base,
    fork: true,
  });
  const words = ["juniper", "tamarind", "hawthorn"];
  return [
    conversation("resumed", project, base, { words }),
    conversation("forked", project, fork.session_id, { words: ["mulberry"] }),
  ];
}

/** `/clear` in the terminal UI: the second conversation is a session of its own. */
async function clearedAndFresh(lab: Lab): Promise<Conversation[]> {
  const project = lab.project("quarry");
  const terminal = await lab.terminal(project);
  await terminal.enter(exchange(lab, "basalt"), answerOpening("basalt"));
  await terminal.enter("/clear", /^❯ \/clear$[\s\S]*^❯$/m);
  await terminal.enter(exchange(lab, "granite"), answerOpening("granite"));
  await terminal.exit();
  return [
    conversation("cleared", project, await sessionHolding(lab, "basalt"), { words: ["basalt"] }),
    conversation("fresh", project, await sessionHolding(lab, "granite"), { words: ["granite"] }),
  ];
}

/** The summary repeats the words and the insight, as a real one does: neither may count again. */
async function compacted(lab: Lab): Promise<Conversation> {
  const project = lab.project("harbour");
  const terminal = await lab.terminal(project);
  await terminal.enter(exchange(lab, "lantern"), answerOpening("lantern"));
  lab.api.summarise(
    `We settled the lantern service.\n\n${insightOf("lantern")}\n\nNext: moorings.`,
  );
  await terminal.enter("/compact", "Compacted (");
  await terminal.enter(exchange(lab, "mooring"), answerOpening("mooring"));
  await terminal.exit();
  const sessionId = await sessionHolding(lab, "mooring");
  return conversation("compacted", project, sessionId, { words: ["lantern", "mooring"] });
}

/** A second prompt typed while a tool runs: the client keeps it in an attachment row. */
async function queued(lab: Lab): Promise<Conversation> {
  const project = lab.project("foundry");
  const terminal = await lab.terminal(project, ["Bash"]);
  const first = question("crucible");
  const sleep = { command: "sleep 4", description: "Wait for the furnace" };
  lab.api.script(first, [use("Bash", sleep), say(answer("crucible"))]);
  await terminal.enter(first, "sleep 4");
  await terminal.enter(exchange(lab, "bellows"), answerOpening("bellows"));
  await terminal.exit();
  // The answer to the second prompt ends the one turn, so the first is never given.
  return conversation("queued", project, await sessionHolding(lab, "bellows"), {
    words: ["crucible", "bellows"],
    insights: ["bellows"],
  });
}

/** An insight in the middle of a turn, Write, Read, Edit, a Bash call that works and one that fails. */
async function withTools(lab: Lab): Promise<Conversation> {
  const project = lab.project("weaver");
  const path = join(project, "pool.ts");
  const prompt = question("shuttle");
  lab.api.script(prompt, [
    use("Write", { file_path: path, content: "export const size = 1;\n" }, insightOf("treadle")),
    use("Read", { file_path: path }),
    use("Edit", { file_path: path, old_string: "size = 1", new_string: "size = 8" }),
    use("Bash", { command: "cat pool.ts", description: "Show the file" }),
    use("Bash", {
      command: "echo 'TypeError: pool.close is not a function' >&2; exit 1",
      description: "Run the tests",
    }),
    say(answer("shuttle")),
  ]);
  const allow = ["Write", "Read", "Edit", "Bash"];
  const { session_id } = await lab.turn(project, { prompt, allow });
  return conversation("tools", project, session_id, {
    words: ["shuttle"],
    insights: ["shuttle", "treadle"],
  });
}

/** A subagent with a tool call and an insight of its own. */
async function withSubagent(lab: Lab): Promise<Conversation> {
  const project = lab.project("lighthouse");
  const prompt = question("beacon");
  const errand = question("foghorn");
  const input = {
    description: "Look at the foghorn",
    prompt: errand,
    subagent_type: "general-purpose",
    run_in_background: false,
  };
  lab.api.script(errand, [
    use("Bash", { command: "ls", description: "List the files" }),
    say(answer("foghorn")),
  ]);
  lab.api.script(prompt, [use("Agent", input), say(answer("beacon"))]);
  const { session_id } = await lab.turn(project, { prompt, allow: ["Bash", "Agent"] });
  return conversation("subagent", project, session_id, {
    words: ["beacon"],
    insights: ["beacon", "foghorn"],
    subagentWords: ["foghorn"],
  });
}

/** SIGKILL in the middle of an answer. */
async function killed(lab: Lab): Promise<Conversation> {
  const project = lab.project("glacier");
  const { sessionId } = await killWhileAnswering(lab, project, "moraine");
  return conversation("killed", project, sessionId, { words: ["moraine"], insights: [] });
}

/** A session at the moment of its death. */
export interface Killed {
  readonly sessionId: string;
  /** The `sb` processes that the client had running. */
  readonly servers: readonly string[];
}

/**
 * Asks for work on `word`, lets the client write a file and kills it while it waits for the rest
 * of the answer.
 */
export async function killWhileAnswering(lab: Lab, project: string, word: string): Promise<Killed> {
  const prompt = question(word);
  const note = { file_path: join(project, `${word}.md`), content: "Close the pool last.\n" };
  lab.api.script(prompt, [use("Write", note), stall]);
  const client = lab.begin(project, { prompt, allow: ["Write"] });
  try {
    await until("the request that is left waiting", () => lab.api.requestsFor(prompt)[1]);
    // The client writes its transcript a little later than it acts.
    const file = await until("the tool's result in the transcript", () =>
      lab.transcripts().find((path) => {
        const text = readFileSync(path, "utf8");
        return text.includes(prompt) && text.includes('"toolUseResult"');
      }),
    );
    return { sessionId: basename(file, ".jsonl"), servers: lab.sbProcesses() };
  } finally {
    client.kill();
    await client.finished;
  }
}

/** A prompt about `word`, scripted with an answer that holds an insight about it. */
export function exchange(lab: Lab, word: string): string {
  const prompt = question(word);
  lab.api.script(prompt, [say(answer(word))]);
  return prompt;
}

function question(word: string): string {
  return `How should the ${word} service close its pool?`;
}

function answerOpening(word: string): string {
  return `Close the ${word} pool in the shutdown hook.`;
}

function answer(word: string): string {
  return `${answerOpening(word)}\n\n${insightOf(word)}\n\nThe tests pass with that.`;
}

function insightOf(word: string): string {
  return insightBlock(
    `A ${word} connection outlives the request that opened it`,
    "What opens a pool has to close it",
  );
}

function conversation(
  kind: string,
  project: string,
  sessionId: string,
  found: { words: string[]; insights?: string[]; subagentWords?: string[] },
): Conversation {
  const { words, insights = words, subagentWords = [] } = found;
  return { kind, sessionId, project, words, insights, subagentWords };
}

/** The session whose transcript has the answer about `word`: the terminal UI tells no id. */
async function sessionHolding(lab: Lab, word: string): Promise<string> {
  const file = await until(`a transcript with the answer about ${word}`, () =>
    lab.transcripts().find((path) => readFileSync(path, "utf8").includes(answerOpening(word))),
  );
  return basename(file, ".jsonl");
}
