import { type Held, TOOL_SHARE } from "./candidates.ts";
import type { DateReader } from "./dates.ts";
import type { PassageRow } from "./model.ts";
import { passageIdeal, passageScore, type Unit } from "./passage-score.ts";
import type { Finder, Place } from "./places.ts";
import type { RankingStore, StoredText } from "./ranking-store.ts";
import { liftOf } from "./statement.ts";

/** Where so much of the query stands in what tools gave alone, that is read too: an error, a log. */
const TOOLS_READ = 0.25;

/** What a passage of it is worth beside one that was said. */
const TOOLS_WORTH = 0.8;

/** What a word in the title or a tag counts as, in words said. */
const TITLE_COUNT = 1.5;

/** What a part of its date counts as, in words said: a date is no chance. */
const DATE_COUNT = 3;

/** Longer messages count as several units, so that a passage is one wherever it stands. */
const UNIT_CHARS = 400;

/** With what documents are read. */
export interface Reading {
  readonly find: Finder;
  /** What each term tells documents apart by. */
  readonly weights: readonly number[];
  readonly dates: DateReader | undefined;
  /** Weight of the terms that stand nowhere. */
  readonly missing: number;
}

/** A text that was read, and where it holds the query's terms. */
interface Read {
  readonly body: string;
  readonly places: readonly Place[];
  readonly units: readonly Unit[];
  /** How much more its best sentence makes it worth, once that was asked. */
  lift?: number;
}

const UNREAD = { title: "", body: "", places: [], units: [], lift: 1 };

export type Reader = ReturnType<typeof reader>;

/** Reads documents, each text once, and says what their best passages are worth. */
export function reader(store: RankingStore, reading: Reading) {
  const { find, weights, dates, missing } = reading;
  const ideal = passageIdeal([...weights, missing]);
  const whole = sumOf(weights) + missing || 1;
  const texts = new Map<number, Read & { readonly title: string }>();
  const printed = new Map<number, Read>();

  function load(rowids: readonly number[]): void {
    const wanted = [...new Set(rowids)].filter((rowid) => !texts.has(rowid));
    for (const text of store.texts(wanted)) {
      texts.set(text.rowid, { title: text.title, ...readOf(text) });
    }
  }

  function readOf({ body, passages }: Pick<StoredText, "body" | "passages">): Read {
    const places = find(body);
    return { body, places, units: cut({ body, passages }, places) };
  }

  const unitsOf = (rowids: readonly number[]): Unit[] =>
    rowids.flatMap((rowid) => texts.get(rowid)?.units ?? []);

  function printedBy(rowid: number): Read {
    const known = printed.get(rowid);
    if (known) return known;
    const read = readOf({ body: store.toolsOf(rowid), passages: [] });
    printed.set(rowid, read);
    return read;
  }

  /** What the best passage of `one` is worth where `before` and `after` stand round it. */
  function worthOf(one: Held, before: readonly Unit[], after: readonly Unit[]): number {
    const own = texts.get(one.rowid) ?? UNREAD;
    const given = weights.map(() => 0);
    const inTools = sumOf(one.inTools.map((term) => weights[term] ?? 0));
    for (const { term } of find(own.title)) given[term] = TITLE_COUNT;
    for (const term of one.inTools) given[term] ||= TOOL_SHARE;
    for (const term of dates?.namedAt(one.at) ?? []) {
      given[term] = (given[term] ?? 0) + DATE_COUNT;
    }
    const best = (
      read: Read,
      [early, late]: readonly [readonly Unit[], readonly Unit[]],
    ): number => {
      const [from, to] = [early.length, early.length + read.units.length];
      const stretch = { units: [...early, ...read.units, ...late], from, to };
      read.lift ??= liftOf(read, weights, whole);
      return (read.lift * passageScore(stretch, weights, given)) / ideal;
    };
    const said = best(own, [before, after]);
    if (inTools < TOOLS_READ * whole) return said;
    return Math.max(said, TOOLS_WORTH * best(printedBy(one.rowid), [[], []]));
  }

  return {
    /** What each of `found` is worth by its own words alone, in 0..1 or above. */
    alone(found: readonly Held[]): number[] {
      load(found.map(({ rowid }) => rowid));
      return found.map((one) => worthOf(one, [], []));
    },

    /** What each of `found` is worth where it stands: with what was said before and after it. */
    inPlace(found: readonly Held[]): number[] {
      const beside = store.beside(found.map(({ rowid }) => rowid));
      load([...beside.values()].flatMap(({ before, after }) => [...before, ...after]));
      load(found.map(({ rowid }) => rowid));
      return found.map((one) => {
        const { before = [], after = [] } = beside.get(one.rowid) ?? {};
        return worthOf(one, unitsOf(before), unitsOf(after));
      });
    },

    /** The body of a document that was read. */
    bodyOf: (rowid: number): string => texts.get(rowid)?.body ?? "",

    /** Where the query's terms stand in it. */
    placesOf: (rowid: number): readonly Place[] => texts.get(rowid)?.places ?? [],
  };
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The messages of a body, a long one in parts, each with the places that lie in it. */
function cut(
  { body, passages }: Pick<StoredText, "body" | "passages">,
  places: readonly Place[],
): Unit[] {
  const spans: readonly PassageRow[] = passages.length > 0 ? passages : [["", "", 0, body.length]];
  return spans.flatMap(([, , start, end]) => {
    const count = Math.max(1, Math.ceil((end - start) / UNIT_CHARS));
    const chars = (end - start) / count;
    return Array.from({ length: count }, (_, index) => {
      const from = start + index * chars;
      return {
        chars,
        places: places.filter(({ at }) => at >= from && at < from + chars),
      };
    });
  });
}
