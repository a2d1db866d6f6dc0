import type { GetPromptResult, Prompt } from "@modelcontextprotocol/sdk/types.js";
import { entriesOf } from "../core/capabilities.ts";
import type { Profile } from "../core/kernel/config.ts";
import { asRecord } from "./from-capability.ts";
import { RpcError } from "./rpc-error.ts";

interface Argument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** A list, given with commas. */
  readonly isList?: boolean;
}

/** A prompt tells the model to call the tool of the same name, and what to do with its answer. */
interface PromptSpec {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly next: string;
}

const ANSWER_FROM_HITS =
  "Answer from what it returns and name when and where each point was said; if it finds nothing, say so.";

const PROMPTS: readonly PromptSpec[] = [
  {
    name: "start",
    description: "Start a session: recall where this project was left",
    arguments: [],
    next: "Then tell in a few lines where the work was left, what is due and what is recommended.",
  },
  {
    name: "checkpoint",
    description: "Save the state of the session under a name",
    arguments: [optional("name", "Name of the checkpoint")],
    next: "Then give the quality score, its change and the recommendations.",
  },
  {
    name: "end",
    description: "End the session and write the hand-off",
    arguments: [],
    next: "Then tell what was learned and where the hand-off lies.",
  },
  {
    name: "status",
    description: "Show the session, the memory and whether everything is recorded",
    arguments: [],
    next: "Then sum it up in a few lines; name every link that is not ok and how to mend it.",
  },
  {
    name: "quick_search",
    description: "Search everything remembered",
    arguments: [required("query", "Words to look for")],
    next: ANSWER_FROM_HITS,
  },
  {
    name: "search_summary",
    description: "Sum up what a search finds",
    arguments: [required("query", "Words to look for")],
    next: "Then tell how much there is, from when, about what.",
  },
  {
    name: "get_more_results",
    description: "Get the next results of a search",
    arguments: [required("cursor", "Cursor of the earlier answer")],
    next: ANSWER_FROM_HITS,
  },
  {
    name: "search_by_file",
    description: "Find conversations that read or changed a file",
    arguments: [required("file_path", "Path, file name or glob")],
    next: "Then tell what was done to the file, when and why.",
  },
  {
    name: "search_by_concept",
    description: "Find conversations about a concept",
    arguments: [required("concept", "The concept")],
    next: ANSWER_FROM_HITS,
  },
  {
    name: "search_code",
    description: "Find code in past conversations",
    arguments: [required("query", "Words or names in the code")],
    next: "Then show the code that fits and where it comes from.",
  },
  {
    name: "search_errors",
    description: "Find an error and what mended it",
    arguments: [required("query", "The error's message, or words of it")],
    next: "Then tell the cause and what mended it; if it finds nothing, say so.",
  },
  {
    name: "search_temporal",
    description: "Find what was done at a time",
    arguments: [
      required("time_expression", 'For example "yesterday" or "last week"'),
      optional("query", "Words to look for"),
    ],
    next: ANSWER_FROM_HITS,
  },
  {
    name: "store_reflection",
    description: "Store a note that every search finds",
    arguments: [
      required("content", "The note"),
      { ...optional("tags", "Tags, with commas"), isList: true },
    ],
    next: "Then say that it is stored, or that it was known already.",
  },
  {
    name: "reflection_stats",
    description: "Count what is remembered",
    arguments: [],
    next: "Then sum it up in a few lines.",
  },
];

/** The prompts whose tool is in `profile`. */
export function promptsOf(profile: Profile): Prompt[] {
  return specsOf(profile).map(({ name, description, arguments: args }) => ({
    name,
    description,
    arguments: args.map((arg) => ({
      name: arg.name,
      description: arg.description,
      required: arg.required,
    })),
  }));
}

/**
 * Answers `prompts/get`: one instruction naming the tool and its arguments.
 * @throws RpcError invalid params for a prompt that is not offered or an argument that is missing.
 */
export function getPrompt(
  params: Readonly<Record<string, unknown>>,
  profile: Profile,
): GetPromptResult {
  const spec = specsOf(profile).find(({ name }) => name === params["name"]);
  if (!spec) throw new RpcError("invalidParams", "unknown prompt; see prompts/list");
  const given = argumentsFor(spec, asRecord(params["arguments"]));
  const how = Object.keys(given).length
    ? `with the arguments ${JSON.stringify(given)}`
    : "without arguments";
  const text = `Call the tool \`${spec.name}\` of the MCP server session-buddy ${how}. ${spec.next}`;
  return {
    description: spec.description,
    messages: [{ role: "user", content: { type: "text", text } }],
  };
}

/** A prompt for a slash command, whose words stand where `$ARGUMENTS` is. */
export function promptText(name: string): string {
  const spec = PROMPTS.find((prompt) => prompt.name === name);
  if (!spec) throw new RangeError(`no prompt ${name}`);
  const names = spec.arguments.map((arg) => arg.name);
  const how = names.length
    ? `with ${names.join(" and ")} taken from this: "$ARGUMENTS"; leave out what is not given`
    : "without arguments";
  return `Call the tool \`${name}\` of the MCP server session-buddy ${how}. ${spec.next}`;
}

function argumentsFor(
  spec: PromptSpec,
  given: Readonly<Record<string, unknown>>,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const { name, required: isRequired, isList } of spec.arguments) {
    const value = given[name];
    if (value !== undefined && typeof value !== "string") {
      throw new RpcError("invalidParams", `argument ${name} of prompt ${spec.name} must be text`);
    }
    const text = value?.trim() ?? "";
    if (text !== "") result[name] = isList ? listOf(text) : text;
    else if (isRequired) {
      throw new RpcError("invalidParams", `prompt ${spec.name} needs the argument ${name}`);
    }
  }
  return result;
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function specsOf(profile: Profile): PromptSpec[] {
  const offered = new Set(entriesOf(profile).map(({ name }) => name));
  return PROMPTS.filter(({ name }) => offered.has(name));
}

function required(name: string, description: string): Argument {
  return { name, description, required: true };
}

function optional(name: string, description: string): Argument {
  return { name, description, required: false };
}
