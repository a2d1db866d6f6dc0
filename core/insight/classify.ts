import { isEastAsianAt, Lexicon, nextHash, smallAt, standsAt, type Term } from "./lexicon.ts";
import { type InsightType, MAX_TOPICS, type ScorePoint } from "./model.ts";

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

/** The terms that a text names. */
interface Named {
  readonly types: Set<Term>;
  /** How often the terms of each topic occur. */
  readonly topics: Map<string, number>;
  advises: boolean;
  explains: boolean;
  /** By kind, number of the first word after the term that was named last. */
  free: Record<Term["kind"], number>;
}

/** Made at first need: a command that reads no insight does not pay for it. */
let lexicon: Lexicon | undefined;

/** Of each kind the longest term at each place, and none within another. */
function namedIn(text: string): Named {
  lexicon ??= new Lexicon();
  const named: Named = {
    types: new Set(),
    topics: new Map(),
    advises: false,
    explains: false,
    free: { type: 0, topic: 0, advice: 0, reason: 0 },
  };
  for (let at = 0, number = 0; at < text.length; ) {
    const start = at;
    let hash = 0;
    for (let small = smallAt(text, at); small !== 0; small = smallAt(text, at)) {
      hash = nextHash(hash, small);
      at++;
    }
    if (at > start) {
      const terms = lexicon.beginningWith(hash);
      if (terms.length > 0) nameLongest(terms, { text, start, number }, named);
      number++;
    } else if (isEastAsianAt(text, at)) {
      while (isEastAsianAt(text, at)) at++;
      nameEastAsian(text.slice(start, at), lexicon, named);
      number++;
    } else at++;
  }
  return named;
}

/** A word of a text: where it begins and how many stand before it. */
interface Word {
  readonly text: string;
  readonly start: number;
  readonly number: number;
}

/** Of each kind, names the longest of the terms that stand at a word, unless one reaches over it. */
function nameLongest(terms: readonly Term[], word: Word, named: Named): void {
  const { free } = named;
  const end = { ...free };
  for (const term of terms) {
    const after = word.number + term.words.length;
    if (free[term.kind] > word.number || after < end[term.kind]) continue;
    if (!standsAt(word.text, word.start, term)) continue;
    name(term, named);
    end[term.kind] = after;
  }
  named.free = end;
}

function name(term: Term, named: Named): void {
  if (term.kind === "type") named.types.add(term);
  else if (term.kind === "advice") named.advises = true;
  else if (term.kind === "reason") named.explains = true;
  else named.topics.set(term.label, (named.topics.get(term.label) ?? 0) + 1);
}

/**
 * Names the terms in a run of East Asian text, which has no spaces. Chinese characters and hiragana
 * match anywhere; katakana only as a whole stretch of it (テスト, "test", is not in コンテスト,
 * "contest"); Hangul only where a word begins, since particles follow.
 */
function nameEastAsian(run: string, terms: Lexicon, named: Named): void {
  for (let at = 0; at < run.length; ) {
    let width = 1;
    for (const term of terms.startingAt(run.charAt(at))) {
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
