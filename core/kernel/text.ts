/**
 * A token, for every budget and every count: four bytes of UTF-8, rounded up.
 * Close to what models bill for English and code, and the same everywhere.
 */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, "utf8") / 4);
}

/** `answer` with what it costs as compact JSON in `tokens`, that figure's own digits among it. */
export function withCost<A extends { readonly tokens: number }>(answer: A): A {
  const bytes = Buffer.byteLength(JSON.stringify({ ...answer, tokens: 0 })) - 1;
  for (let digits = 1; ; digits += 1) {
    const tokens = Math.ceil((bytes + digits) / 4);
    if (String(tokens).length === digits) return { ...answer, tokens };
  }
}

/** SHA-256 hex of the UTF-8 text. */
export function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** Text with every run of white space made one space, none at the ends. */
export function collapse(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}

/** The first `limit` characters, never half of a surrogate pair, `…` in the last place when cut. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text
    .slice(0, Math.max(0, limit - 1))
    .toWellFormed()
    .replace(/\uFFFD$/u, "")}…`;
}

/** ISO 8601 in UTC, as every boundary shows a time. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
