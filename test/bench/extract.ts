import { measure } from "mitata";
import { extractInsights } from "../../core/insight/extract.ts";
import { atMost, type Figure, type GroupReport, milliseconds, times, told } from "./figure.ts";
import { Prose } from "./prose.ts";
import { Random } from "./random.ts";
import { projectNames } from "./vocabulary.ts";

/** One text: how it is made at a given size, in bytes of UTF-8. */
interface Text {
  readonly what: string;
  make(bytes: number): string;
  /** Whether each insight's type, topics and scores are asked for too. */
  readonly classified?: boolean;
}

const MEGABYTE = 1_000_000;
const OPENER = `\`★ Insight ${"─".repeat(37)}\``;
const CLOSER = `\`${"─".repeat(49)}\``;

/** What the text is made of over and over, and what stands before and behind it. */
const HOSTILE: readonly { what: string; unit: string; before?: string; after?: string }[] = [
  { what: "openers only", unit: `${OPENER}\n` },
  { what: "closers only", unit: `${CLOSER}\n`, before: `${OPENER}\n` },
  { what: "one line of dashes", unit: "─", after: "★" },
  { what: "one line of backticks", unit: "`", after: "\n★" },
  { what: "fences that open and close", unit: "```\n", after: "★" },
  { what: "one line without an end, in a block", unit: "a", before: `${OPENER}\n`, after: CLOSER },
  { what: "empty lines in a block", unit: "\n", before: `${OPENER}\n`, after: CLOSER },
  { what: "deep quotes", unit: "> > > > x\n", after: "★" },
  { what: "stars", unit: "★" },
  { what: "stars before letters", unit: "★i" },
  { what: "stars before spaces", unit: "★ " },
];

/** Extraction in process, on texts of 1 MB and of twice that. */
export async function extract(): Promise<GroupReport> {
  const texts: Text[] = [
    { what: "prose without insights", make: (bytes) => prose(bytes, 0) },
    { what: "prose, one insight in 20 KB", make: (bytes) => prose(bytes, 20_000) },
    { what: "the same, classified", make: (bytes) => prose(bytes, 20_000), classified: true },
    { what: "nothing but insights", make: insights },
    { what: "the same, classified", make: insights, classified: true },
    ...HOSTILE.map(({ what, unit, before = "", after = "" }) => ({
      what: `hostile: ${what}`,
      make: (bytes: number) =>
        before + unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))) + after,
    })),
  ];
  const figures: Figure[] = [];
  for (const text of texts) figures.push(...(await figuresOf(text)));
  return {
    group: "extract",
    notes: [
      "medians in a warm process; twice: the least time for 2 MB against that for 1 MB",
      "scan: a loop over the character codes of the same text, for comparison",
    ],
    figures,
  };
}

async function figuresOf({ what, make, classified = false }: Text): Promise<Figure[]> {
  const text = make(MEGABYTE);
  const double = make(2 * MEGABYTE);
  const work = (from: string) => {
    const found = extractInsights(from);
    return classified ? found.map(({ type }) => type) : found;
  };
  const once = await time(() => work(text));
  const twice = await time(() => work(double));
  const scan = await time(() => codes(text));
  const show = (value: number) => `${value.toFixed(2)} ms`;
  const ratio = twice.least / once.least;
  return [
    // The bar is for finding insights; only those that are new to a store are classified.
    classified ? told(what, show(once.median)) : atMost(what, { value: once.median, bar: 5 }, show),
    told("  least", show(once.least)),
    // Three, not two: below a millisecond, caches and the collector weigh more than the text.
    ...(once.least < 0.2 ? [] : [atMost("  twice", { value: ratio, bar: 3 }, times)]),
    told("  against scan", `${times(once.median / scan.median)} of ${milliseconds(scan.median)}`),
  ];
}

/** In milliseconds. */
async function time(work: () => unknown): Promise<{ median: number; least: number }> {
  const { p50, min } = await measure(work, { min_cpu_time: 200e6 });
  return { median: p50 / 1e6, least: min / 1e6 };
}

function codes(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum += text.charCodeAt(at);
  return sum;
}

/** Insight blocks, one after the other. */
function insights(bytes: number): string {
  const random = new Random(7);
  const writer = new Prose(random, projectNames(random));
  const parts: string[] = [];
  for (let size = 0; size < bytes; size += Buffer.byteLength(parts.at(-1) ?? "") + 2) {
    parts.push(writer.insight());
  }
  return parts.join("\n\n");
}

/** Answers of a model; with an insight about every `spacing` bytes, or none where it is 0. */
function prose(bytes: number, spacing: number): string {
  const random = new Random(7);
  const writer = new Prose(random, projectNames(random));
  const parts: string[] = [];
  for (let size = 0, last = 0; size < bytes; ) {
    const isDue = spacing > 0 && size - last > spacing;
    const part = isDue ? writer.insight() : writer.answer(150);
    if (isDue) last = size;
    parts.push(part);
    size += Buffer.byteLength(part) + 2;
  }
  return parts.join("\n\n");
}
