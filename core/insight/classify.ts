import { type InsightType, MAX_TOPICS, type ScorePoint } from "./model.ts";
import { ADVICE_TERMS, REASON_TERMS, TOPIC_TERMS, TYPE_TERMS } from "./vocabulary.ts";

/** Least weight of a type's terms together; less leaves an insight `general`. */
const MIN_TYPE_WEIGHT = 2;

/** At equal weight the rarer kind, which is the greater loss when mislabelled, comes first. */
const TYPE_ORDER: readonly InsightType[] = ["gotcha", "best_practice", "architecture", "pattern"];

/** What an insight's words say about it. */
export interface Assessment {
  readonly type: InsightType;
  /** Most often named first, then by name; at most `MAX_TOPICS`. */
  readonly topics: readonly string[];
  /** How sure it is that the body teaches something, 0 to 1. */
  readonly confidence: number;
  /** How much of what makes an insight useful the body has, 0 to 1. */
  readonly quality: number;
  /** The rules that gave points; those of each score add up to it. */
  readonly reasons: readonly ScorePoint[];
}

/** Type, topics and scores of a body, by fixed rules over its words. */
export function assessInsight(body: string): Assessment {
  const named = namedIn(body.normalize("NFC"));
  const type = typeOf(named.types);
  const topics = topicsOf(named.topics);
  const facts: Facts = {
    topics: topics.length,
    advises: named.advises,
    explains: named.explains,
    concrete: /`[^`\n]+`|```|~~~/u.test(body),
    typed: type !== "general",
    length: body.length,
  };
  const reasons: ScorePoint[] = [];
  for (const { rule, points } of SCORE_RULES) {
    const hundredths = points(facts);
    if (hundredths > 0) reasons.push({ rule, points: hundredths / 100 });
  }
  const confidence = total(reasons, "confidence:");
  return { type, topics, confidence, quality: total(reasons, "quality:"), reasons };
}

interface Facts {
  readonly topics: number;
  readonly advises: boolean;
  readonly explains: boolean;
  readonly concrete: boolean;
  readonly typed: boolean;
  /** UTF-16 units. */
  readonly length: number;
}

/** Points in hundredths, so that sums are exact; those of each score are 100 at most. */
const SCORE_RULES: readonly { rule: string; points: (facts: Facts) => number }[] = [
  { rule: "confidence:base", points: () => 20 },
  { rule: "confidence:topics", points: (f) => 10 * Math.min(f.topics, 3) },
  { rule: "confidence:advice", points: (f) => (f.advises ? 20 : 0) },
  { rule: "confidence:reason", points: (f) => (f.explains ? 10 : 0) },
  { rule: "confidence:length", points: (f) => (f.length >= 50 && f.length <= 2000 ? 10 : 0) },
  { rule: "confidence:type", points: (f) => (f.typed ? 10 : 0) },
  { rule: "quality:base", points: () => 40 },
  { rule: "quality:topics", points: (f) => (f.topics >= 2 ? 20 : 0) },
  { rule: "quality:reason", points: (f) => (f.explains ? 20 : 0) },
  { rule: "quality:concrete", points: (f) => (f.concrete ? 10 : 0) },
  { rule: "quality:length", points: (f) => (f.length >= 100 && f.length <= 3000 ? 10 : 0) },
];

function total(reasons: readonly ScorePoint[], score: string): number {
  let hundredths = 0;
  for (const { rule, points } of reasons) {
    if (rule.startsWith(score)) hundredths += Math.round(points * 100);
  }
  return hundredths / 100;
}

/** The type whose terms weigh most. */
function typeOf(terms: ReadonlySet<Term>): InsightType {
  const weights = new Map<string, number>();
  for (const { label, weight } of terms) weights.set(label, (weights.get(label) ?? 0) + weight);
  let best: InsightType = "general";
  let most = MIN_TYPE_WEIGHT - 1;
  for (const type of TYPE_ORDER) {
    const weight = weights.get(type) ?? 0;
    if (weight > most) [best, most] = [type, weight];
  }
  return best;
}

function topicsOf(hits: ReadonlyMap<string, number>): string[] {
  return [...hits]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MAX_TOPICS)
    .map(([topic]) => topic);
}

interface Term {
  readonly kind: "type" | "topic" | "advice" | "reason";
  readonly label: string;
  readonly weight: number;
  /** As they must stand in the text: lower case unless the term has a capital. */
  readonly words: readonly string[];
  readonly exact: boolean;
  /** Whether the last word may carry an "s". */
  readonly plural: boolean;
}

/** The terms that a text names. */
interface Named {
  readonly types: Set<Term>;
  /** How often the terms of each topic occur. */
  readonly topics: Map<string, number>;
  advises: boolean;
  explains: boolean;
}

/** Latin with its accented letters (U+00C0 to U+024F); kana, Han and Hangul. */
const TOKEN = /[A-Za-z0-9\u00c0-\u024f]+|[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]+/g;

/** Of each kind the longest term at each place, and none within another. */
function namedIn(text: string): Named {
  lexicon ??= makeLexicon();
  const named: Named = { types: new Set(), topics: new Map(), advises: false, explains: false };
  const words = text.match(TOKEN) ?? [];
  const lower = words.map((word) => word.toLowerCase());
  const taken = { type: 0, topic: 0, advice: 0, reason: 0 };
  for (let at = 0; at < words.length; at++) {
    const word = lower[at] ?? "";
    if (word.charCodeAt(0) >= 0x3041) nameEastAsian(word, lexicon, named);
    else {
      const end = { ...taken };
      for (const term of candidates(word, lexicon)) {
        const after = at + term.words.length;
        if (taken[term.kind] > at || after < end[term.kind]) continue;
        if (!standsAt(term.exact ? words : lower, at, term)) continue;
        name(term, named);
        end[term.kind] = after;
      }
      Object.assign(taken, end);
    }
  }
  return named;
}

const NONE: readonly Term[] = [];

/** Terms that may begin with `word`, longest first. */
function candidates(word: string, terms: Lexicon): readonly Term[] {
  const own = terms.get(word) ?? NONE;
  if (!word.endsWith("s") || word.length < 4) return own;
  const singular = terms.get(word.slice(0, -1)) ?? NONE;
  return singular === NONE ? own : own === NONE ? singular : [...own, ...singular];
}

function name(term: Term, named: Named): void {
  if (term.kind === "type") named.types.add(term);
  else if (term.kind === "advice") named.advises = true;
  else if (term.kind === "reason") named.explains = true;
  else named.topics.set(term.label, (named.topics.get(term.label) ?? 0) + 1);
}

function standsAt(texts: readonly string[], at: number, { words, plural }: Term): boolean {
  const last = words.length - 1;
  return words.every((word, index) => {
    const text = texts[at + index];
    return text === word || (plural && index === last && text === `${word}s`);
  });
}

/**
 * Names the terms in a run of East Asian text, which has no spaces. Chinese characters and hiragana
 * match anywhere; katakana only as a whole stretch of it (テスト, "test", is not in コンテスト,
 * "contest"); Hangul only where a word begins, since particles follow.
 */
function nameEastAsian(run: string, terms: Lexicon, named: Named): void {
  for (let at = 0; at < run.length; ) {
    let width = 1;
    for (const term of terms.get(run.charAt(at)) ?? NONE) {
      const word = term.words[0] ?? "";
      if (word.length < width || !run.startsWith(word, at)) continue;
      const before = run.charCodeAt(at - 1);
      const after = run.charCodeAt(at + word.length);
      const first = word.charCodeAt(0);
      if (isKatakana(first) && (isKatakana(before) || isKatakana(after))) continue;
      if (first >= 0xac00 && before >= 0xac00) continue;
      width = word.length;
      name(term, named);
    }
    at += width;
  }
}

/** Katakana letters and the sound-lengthening mark, without the middle dot between words. */
function isKatakana(code: number): boolean {
  return code >= 0x30a1 && code <= 0x30fe && code !== 0x30fb;
}

/** Terms by their first word in lower case, East Asian ones by their first character. */
type Lexicon = ReadonlyMap<string, readonly Term[]>;

/** Made at first need: a command that reads no insight does not pay for it. */
let lexicon: Lexicon | undefined;

/** Characters of a term's first word: how East Asian terms differ in length. */
function width(term: Term): number {
  return term.words[0]?.length ?? 0;
}

function makeLexicon(): Lexicon {
  const made = new Map<string, Term[]>();
  const add = (row: Omit<Term, "words" | "exact">, terms: string) => {
    for (const text of terms.split(", ")) {
      const words = text.split(" ");
      const first = words[0] ?? "";
      const key = first.charCodeAt(0) >= 0x3041 ? first.charAt(0) : first.toLowerCase();
      const exact = text !== text.toLowerCase();
      const term: Term = { ...row, words, exact, plural: row.plural && !exact };
      const others = made.get(key);
      if (others) others.push(term);
      else made.set(key, [term]);
    }
  };
  for (const { type, weight, terms } of TYPE_TERMS) {
    add({ kind: "type", label: type, weight, plural: true }, terms);
  }
  for (const [label, terms] of Object.entries(TOPIC_TERMS)) {
    add({ kind: "topic", label, weight: 1, plural: true }, terms);
  }
  // "Use" is advice, "uses" is a report.
  add({ kind: "advice", label: "advice", weight: 1, plural: false }, ADVICE_TERMS);
  add({ kind: "reason", label: "reason", weight: 1, plural: false }, REASON_TERMS);
  for (const terms of made.values()) {
    if (terms.length > 1)
      terms.sort((a, b) => b.words.length - a.words.length || width(b) - width(a));
  }
  return made;
}
