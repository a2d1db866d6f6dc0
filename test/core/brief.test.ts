import { expect, test } from "bun:test";
import { composeBrief } from "../../core/session/brief.ts";

test("a brief is under 8 KB and within its tokens, in any script", () => {
  const items = Array.from({ length: 40 }, (_, n) => ({
    ref: `note:${n}`,
    kind: "reflection",
    text: `${n} ${"漢字仮名".repeat(100)}`,
    reason: "a test",
  }));

  const { text, tokens } = composeBrief([{ title: "Notes", items }], 4_000);

  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8_192);
  expect(Buffer.byteLength(text)).toBeGreaterThan(7_000);
  expect(tokens).toBeLessThanOrEqual(2_000);
});
