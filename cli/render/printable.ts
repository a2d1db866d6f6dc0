/**
 * Control characters but tab and newline, and the marks that turn the reading direction: stored
 * text comes from models and web pages, and must not move the cursor or rewrite a line.
 */
const UNPRINTABLE = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu;

/** `value` with every text and key in it made safe to print on a terminal. */
export function printable(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [clean(key), printable(part)]),
  );
}

function clean(text: string): string {
  return text.replace(UNPRINTABLE, "");
}
