import { type Command, flagOf, titleOf } from "./command.ts";

/** `sb memory store CONTENT [options]`, required options named. */
export function usageOf(command: Command): string {
  const required = command.input.required ?? [];
  const places = command.positional.map((key) =>
    required.includes(key) ? key.toUpperCase() : `[${key.toUpperCase()}]`,
  );
  const options = required
    .filter((key) => !command.positional.includes(key))
    .map((key) => `${flagOf(key)} ${key.toUpperCase()}`);
  return [titleOf(command), ...places, ...options, "[options]"].join(" ");
}
