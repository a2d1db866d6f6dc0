import { isoTime } from "../kernel/text.ts";
import { composeBrief } from "../session/brief.ts";
import type { Handler } from "./service.ts";

/** Most tokens of a known fix, fence and all. */
const MOST_TOKENS = 150;

/** Below this it may be another error that reads alike. Measured: see test/bench/README.md. */
const LEAST_CERTAINTY = 0.7;

/** How much of a command's output is looked at: an error stands at its head or at its end. */
const OUTPUT_CHARS = 20_000;

/** A command failed: what mended this error before, where that is known and sure. */
export const toolFailure: Handler = ({ error }, { input, identity, told }) => {
  const command = input.toolInput?.["command"];
  if (input.toolName !== "Bash" || typeof command !== "string") return undefined;
  const output = ends(input.error ?? "");
  const match = error.known(output, { command, projectKey: identity.key });
  if (!match || match.certainty < LEAST_CERTAINTY) return undefined;
  // What a prompt was told of it may be long past: here is where it is needed, once.
  if (told(input.event).has(match.fix.id)) return undefined;
  const { fix } = match;
  const day = isoTime(fix.fixedAt).slice(0, 10);
  const lines = fix.body.split("\n").filter((line) => !/^(?:Error|Command): /.test(line));
  const reason = `resolved on ${day}: the same error, certainty ${match.certainty.toFixed(2)}`;
  const items = lines.map((text) => ({ ref: fix.id, kind: "fix", text, reason }));
  return composeBrief([{ title: `This error was resolved on ${day}`, items }], MOST_TOKENS);
};

function ends(text: string): string {
  if (text.length <= OUTPUT_CHARS) return text;
  return `${text.slice(0, OUTPUT_CHARS / 2)}\n${text.slice(-OUTPUT_CHARS / 2)}`;
}
