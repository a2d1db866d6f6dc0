import { expect, test } from "bun:test";
import fc from "fast-check";
import { type BriefItem, composeBrief } from "../../core/session/brief.ts";

/** Bytes of a brief that a client shows of what is too long for it. */
const HEAD_BYTES = 2_048;

function itemsOf(kind: string, count: number, text: string): BriefItem[] {
  return Array.from({ length: count }, (_, n) => ({
    ref: `${kind}:${n}`,
    kind,
    text: `${kind}-${n} ${text}`,
    reason: "a test",
  }));
}

function headOf(text: string): string {
  return Buffer.from(text).subarray(0, HEAD_BYTES).toString("utf8");
}

test("a brief is under 8 KB and within its tokens, in any script", () => {
  const items = itemsOf("note", 40, "漢字仮名".repeat(100));

  const { text, tokens } = composeBrief([{ title: "Notes", items }], 4_000);

  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8_192);
  expect(Buffer.byteLength(text)).toBeGreaterThan(7_000);
  expect(tokens).toBeLessThanOrEqual(2_000);
});

test("a long hand-off leaves room for the best insights in the head, and follows it", () => {
  const sections = [
    { title: "Due reminders", items: itemsOf("reminder", 6, "r".repeat(260)) },
    { title: "Last session", more: "More of it", items: itemsOf("handoff", 13, "h".repeat(260)) },
    { title: "Insights and notes", items: itemsOf("insight", 10, "i".repeat(260)) },
  ];

  const { text, items } = composeBrief(sections, 800);

  for (const wanted of ["reminder-0", "reminder-1", "handoff-0", "handoff-1", "insight-1"]) {
    expect(headOf(text)).toContain(`- ${wanted} `);
  }
  const headings = text.split("\n").filter((line) => line.endsWith(":"));
  expect(headings).toEqual([
    "Due reminders:",
    "Last session:",
    "Insights and notes:",
    "Due reminders:",
    "More of it:",
    "Insights and notes:",
  ]);
  expect(items.map(({ text: line }) => line)).toEqual(
    [...text.matchAll(/^- (.*)$/gm)].map(([, line]) => line ?? ""),
  );
});

test("whatever is to be told, it fits, and what fits into the head stands in its order", () => {
  const lines = fc.array(fc.string({ maxLength: 400, unit: "binary" }), { maxLength: 15 });
  fc.assert(
    fc.property(
      fc.array(lines, { maxLength: 4 }),
      fc.integer({ min: 0, max: 3_000 }),
      (all, most) => {
        const sections = all.map((texts, n) => ({
          title: `Part ${n}`,
          items: texts.map((text, m) => ({ ref: `${n}:${m}`, kind: "k", text, reason: "r" })),
        }));
        const { text, tokens, items } = composeBrief(sections, most);
        const given = sections.flatMap((section) => section.items.map(({ ref }) => ref));

        expect(tokens).toBe(Math.ceil(Buffer.byteLength(text) / 4));
        expect(tokens).toBeLessThanOrEqual(Math.min(most, 2_000));
        expect(new Set(items.map(({ ref }) => ref)).size).toBe(items.length);
        if (items.length === given.length && Buffer.byteLength(text) <= HEAD_BYTES) {
          expect(items.map(({ ref }) => ref)).toEqual(given);
        }
      },
    ),
    { numRuns: 40 },
  );
});
