import { Transcript } from "../support/transcript.ts";
import { Prose } from "./prose.ts";
import type { Random } from "./random.ts";
import { projectNames } from "./vocabulary.ts";

/** A project with its words, its source files and what a client sends ahead of its conversations. */
export class Project {
  readonly cwd: string;
  readonly prose: Prose;
  /** Every twelfth project is talked about in German, so that not all text is ASCII. */
  readonly #isGerman: boolean;
  readonly #random: Random;
  readonly #files = new Map<string, string>();
  readonly #insights: string[] = [];
  readonly #system: string;

  constructor(random: Random, index: number) {
    this.#random = random;
    this.cwd = `/home/dev/project-${index}`;
    this.#isGerman = index % 12 === 11;
    this.prose = new Prose(random, projectNames(random));
    this.#system = this.prose.instructions(70_000);
  }

  /** A text of the client's own of about `chars` characters: system prompt, lists, schemas. */
  own(chars: number): string {
    return this.#system.slice(0, chars);
  }

  /** The content of the source file at `path`: the same each time it is read. */
  file(path: string): string {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const content = this.prose.code(this.#random.size(15, 240));
    this.#files.set(path, content);
    return content;
  }

  /** An insight block; one in six was told before. */
  insight(): string {
    if (this.#insights.length > 0 && this.#random.chance(1 / 6)) {
      return this.#random.pick(this.#insights);
    }
    const block = this.prose.insight();
    this.#insights.push(block);
    return block;
  }

  /** Words of a person or of the model. */
  said(text: string): string {
    return this.#isGerman ? text.replaceAll(" the ", " für ").replaceAll(" and ", " über ") : text;
  }
}

/** What a session is like. */
export interface SessionPlan {
  readonly project: Project;
  readonly random: Random;
  readonly sessionId: string;
  /** Epoch ms. */
  readonly start: number;
  readonly turns: number;
  readonly style: Style;
}

/**
 * `typical`: some nine tenths of the bytes are rows that the client writes for itself. `tools`: work
 * with many calls, whose results are half of the bytes. `brief`: prompts and answers alone.
 */
export type Style = "typical" | "tools" | "brief";

/** How many calls a turn has where it has any, and how many lines a tool gives back, at most. */
const TOOLS = {
  typical: { share: 0.3, calls: 3, fileLines: 30, outputLines: 25 },
  tools: { share: 0.85, calls: 10, fileLines: 240, outputLines: 80 },
  brief: { share: 0, calls: 1, fileLines: 1, outputLines: 1 },
} as const;

/** Counts of what was written. */
export interface Written {
  exchanges: number;
  /** UTF-8 bytes of what the person and the model said. */
  saidBytes: number;
}

/** Characters of the client's own large rows, measured on transcripts of Claude Code 2.1.330. */
const OWN_ROWS = { snapshot: 58_000, shape: 68_000, skills: 13_000, agents: 4_000, style: 2_900 };

/** Writes one session into `transcripts`: its own first, then those of its subagents. */
export class SessionWriter {
  readonly transcripts: Transcript[];
  readonly written: Written = { exchanges: 0, saidBytes: 0 };
  readonly #plan: SessionPlan;
  #calls = 0;
  #isDamaged = false;

  constructor(plan: SessionPlan) {
    this.#plan = plan;
    const { sessionId, start } = plan;
    this.transcripts = [new Transcript({ sessionId, start, cwd: plan.project.cwd })];
  }

  write(): void {
    const { random, turns, style } = this.#plan;
    const main = this.#main();
    if (style !== "brief") this.#open(main);
    for (let turn = 0; turn < turns; turn += 1) {
      // A resumed session is a new process: it writes its own rows again.
      if (style !== "brief" && turn > 0 && random.chance(0.06)) this.#open(main);
      if (turn > 8 && random.chance(0.02)) main.compact(this.#plan.project.prose.prose(400));
      if (random.chance(0.004)) this.#damage(main);
      this.#turn(main);
    }
  }

  /** A copy of the session under another id that goes its own way; none where a line is damaged. */
  fork(sessionId: string, turns: number): Transcript | undefined {
    if (this.#isDamaged) return undefined;
    const copy = this.#main().fork(sessionId);
    this.#open(copy);
    for (let turn = 0; turn < turns; turn += 1) this.#turn(copy);
    return copy;
  }

  #main(): Transcript {
    const [main] = this.transcripts;
    if (!main) throw new Error("a session has a transcript");
    return main;
  }

  /** What the client writes when its process starts. */
  #open(into: Transcript): void {
    const { project } = this.#plan;
    into.attachment("environment", { snapshot: { text: project.own(1_000) } });
    into.attachment("session_context", { content: project.own(1_000) });
    into.attachment("skill_listing", { content: project.own(OWN_ROWS.skills) });
    into.attachment("agent_listing_delta", { content: project.own(OWN_ROWS.agents) });
    into.attachment("output_style_instructions", { content: project.own(OWN_ROWS.style) });
    for (let copy = 0; copy < 2; copy += 1) {
      into.attachment("prompt_snapshot", { systemPrompt: [project.own(OWN_ROWS.snapshot)] });
    }
    const { sessionId } = into;
    const shape = { system: project.own(OWN_ROWS.shape) };
    into.row({ type: "api-request-shape", sessionId, shape });
  }

  #turn(into: Transcript): void {
    const { random, project, style } = this.#plan;
    const { prose } = project;
    const { sessionId } = into;
    const pasted = random.chance(0.05) ? `\n\n${prose.failure()}` : "";
    const prompt = this.#say(prose.prose(random.size(8, 240)) + pasted);
    into.row({ type: "queue-operation", sessionId, operation: "enqueue", content: prompt });
    into.row({ type: "queue-operation", sessionId, operation: "dequeue" });
    into.prompt(prompt);
    if (style !== "brief") {
      this.#request(into, [{ role: "user", content: prompt }]);
      const { share, calls } = TOOLS[style];
      if (random.chance(share)) {
        for (let left = random.size(1, calls); left > 0; left -= 1) this.#call(into);
      }
      if (!into.agentId && random.chance(0.03)) this.#delegate(into);
      if (random.chance(0.0004)) this.#screenshot(into);
    }
    const insight = random.chance(0.15) ? `\n\n${project.insight()}` : "";
    into.answer(this.#say(prose.answer(random.size(60, 900)) + insight), this.#usage());
    this.written.exchanges += 1;
    if (style !== "brief") this.#close(into, prompt);
  }

  #say(text: string): string {
    const said = this.#plan.project.said(text);
    this.written.saidBytes += Buffer.byteLength(said);
    return said;
  }

  /** What the client keeps of a request to the API: its parameters and the messages that are new. */
  #request(into: Transcript, messages: readonly Record<string, unknown>[]): void {
    const { random, project } = this.#plan;
    const { sessionId } = into;
    for (const message of messages) {
      into.row({ type: "api-request-blob", sessionId, hash: random.hex(64), message });
    }
    const params = { model: "claude-opus-5-5", betas: project.own(300), metadata: random.hex(128) };
    const blobs = Array.from({ length: 8 }, () => random.hex(64));
    into.row({ type: "api-request", sessionId, params, blobs, keep: 0 });
  }

  #close(into: Transcript, prompt: string): void {
    const { sessionId } = into;
    into.attachment("output_style", { style: "Explanatory", content: this.#plan.project.own(200) });
    into.row({ type: "last-prompt", sessionId, lastPrompt: prompt });
    into.row({ type: "cost-state", sessionId, totalCostUSD: 0.5, modelUsage: this.#usage() });
    into.row({ type: "mode", sessionId, mode: "normal" });
  }

  /** One tool call: thinking, sometimes words, the call, its result, the next request. */
  #call(into: Transcript): void {
    const { random, project } = this.#plan;
    const words = random.chance(0.6) ? this.#say(project.prose.prose(random.size(8, 60))) : "";
    const signature = random.hex(random.size(200, 2_400));
    const { input, name, output, isError, toolUseResult } = this.#tool();
    const id = `toolu_${into.sessionId.slice(0, 8)}${into.agentId ?? ""}_${++this.#calls}`;
    const content = [
      ...(random.chance(0.4) ? [{ type: "thinking", thinking: "", signature }] : []),
      ...(words === "" ? [] : [{ type: "text", text: words }]),
      { type: "tool_use", id, name, input },
    ];
    into.message(content, this.#usage());
    into.result(id, { output, isError, toolUseResult });
    const result = { type: "tool_result", tool_use_id: id, content: output };
    this.#request(into, [
      { role: "assistant", content },
      { role: "user", content: [result] },
    ]);
  }

  #tool() {
    const { random, project, style } = this.#plan;
    const { fileLines, outputLines } = TOOLS[style];
    const { prose } = project;
    const path = prose.path();
    const filePath = `${project.cwd}/${path}`;
    const kind = random.next();
    if (kind < 0.6) {
      const content = project.file(path).split("\n").slice(0, fileLines).join("\n");
      return kind < 0.35 ? readCall(filePath, content) : editCall(filePath, content, prose);
    }
    if (kind < 0.7) {
      const output = prose.output(random.size(1, outputLines));
      const input = { pattern: prose.identifier(), path: `${project.cwd}/src` };
      return { name: "Grep", input, output, isError: false, toolUseResult: { content: output } };
    }
    const isError = random.chance(0.2);
    const output = isError ? prose.failure() : prose.output(random.size(1, outputLines));
    const command = `cd ${project.cwd} && bun test ${path} 2>&1 | tail -40`;
    const input = { command, description: prose.sentence() };
    const toolUseResult = { stdout: output, stderr: "", interrupted: false, isImage: false };
    return { name: "Bash", input, output, isError, toolUseResult };
  }

  /** A subagent's conversation in a file of its own, and its answer here. */
  #delegate(into: Transcript): void {
    const { random, project, start } = this.#plan;
    const { sessionId, cwd } = into;
    const agent = new Transcript({ sessionId, cwd, start, agentId: `a${random.hex(16)}` });
    this.transcripts.push(agent);
    for (let left = random.between(1, 2); left > 0; left -= 1) this.#turn(agent);
    const input = { description: project.prose.sentence(), prompt: project.prose.prose(60) };
    into.tool({ name: "Task", input, output: project.prose.answer(200) });
  }

  /** A picture as a tool gives it: one line of 2 to 12 MB. */
  #screenshot(into: Transcript): void {
    const { random } = this.#plan;
    const data = Buffer.from(random.hex(4_096), "hex").toString("base64");
    const picture = data.repeat(Math.ceil(random.size(1_000_000, 6_000_000) / data.length));
    const source = { type: "base64", media_type: "image/png", data: picture };
    const output = [{ type: "image", source }];
    into.tool({ name: "mcp__browser__screenshot", input: {}, output, toolUseResult: output });
  }

  /** A line that is not one JSON object, as crashes leave them. */
  #damage(into: Transcript): void {
    this.#isDamaged = true;
    const whole = into.lines.at(-1) ?? "{}";
    const cut = whole.slice(0, Math.floor(whole.length / 2));
    const { sessionId } = into;
    const stub = `{"type":"pr-link","sessionId":"${sessionId}","prNu`;
    into.raw(this.#plan.random.pick([cut, `\0\0\0\0${whole}`, stub + whole, "null", "[]"]));
  }

  #usage() {
    const { random } = this.#plan;
    const cacheRead = random.between(15_000, 150_000);
    return { input: random.between(3, 900), output: random.size(20, 2_000), cacheRead };
  }
}

function readCall(filePath: string, content: string) {
  const lines = content.split("\n");
  const output = lines.map((line, index) => `${String(index + 1).padStart(6)}\t${line}`).join("\n");
  const file = { filePath, content, numLines: lines.length, startLine: 1 };
  const toolUseResult = { type: "text", file };
  return { name: "Read", input: { file_path: filePath }, output, isError: false, toolUseResult };
}

function editCall(filePath: string, originalFile: string, prose: Prose) {
  const [old_string, new_string] = [prose.code(4), prose.code(6)];
  const output = `The file ${filePath} has been updated successfully.`;
  const structuredPatch = [{ oldStart: 10, oldLines: 4, lines: new_string.split("\n") }];
  return {
    name: "Edit",
    input: { file_path: filePath, old_string, new_string },
    output,
    isError: false,
    toolUseResult: { filePath, old_string, new_string, originalFile, structuredPatch },
  };
}
