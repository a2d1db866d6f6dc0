import type { Random } from "./random.ts";

/** English words about as often as they are met in talk about software, the most frequent first. */
const WORDS = `the to a and of is in it that for this with on be as not are we if so you by at or from but
an can when which was will has have no one all there then only now what its do does use used because
file test code function line same error each new value time after before data type than into they
should would could more them also where how first set call run still need any other two read write
change name path key list how why just like both case since without through over under while until
returns return fails failed check add added remove removed fix fixed make makes made see shows show
instead already once out up back get gets got take takes given right left next last new old open
close closed start started stop ends end server client request response cache store table row column
index query schema migration database connection pool lock transaction commit branch merge rebase
module import export class method field object array string number null undefined boolean default
option config setting environment variable build compile bundle release version package dependency
lockfile registry install update upgrade script command flag argument input output stream buffer byte
chunk line offset cursor token parser lexer grammar node tree graph edge path root leaf parent child
event handler callback promise await async timeout retry backoff queue worker thread process signal
exit crash panic exception trace stack frame heap memory leak garbage allocation pointer reference
copy clone hash checksum digest encode decode escape quote comment docs readme example sample fixture
mock stub assert expect suite coverage lint format rule warning strict loose partial total count sum
average median ratio limit bound range size length width height depth level order sort filter map
reduce fold merge split join slice trim replace match pattern regex search find result hit score rank
weight token model prompt answer question session user person account login logout password session
cookie header body status redirect route router endpoint handler middleware proxy gateway service
container image volume network port host domain certificate key secret policy role permission grant
deny allow audit log logger metric dashboard alert incident deploy rollback canary staging production
local remote origin upstream fetch push pull patch diff conflict review approve comment thread issue
ticket sprint story task job schedule cron interval delay clock time zone date month year hour minute
second millisecond epoch duration latency throughput bandwidth load peak idle busy slow fast warm cold
page view component hook state reducer action dispatch render layout style theme color button form
label field modal menu list item card grid column panel tab link icon text font image chart canvas
mobile desktop browser window screen keyboard mouse focus scroll click drag drop touch gesture
payment invoice order cart product price discount tax currency refund customer address shipment
warehouse stock supplier report statement ledger balance account budget forecast season quarter
message channel topic subscription publisher consumer broker partition replica leader follower quorum
snapshot backup restore archive compress extract upload download transfer mirror sync stale fresh
valid invalid missing empty full broken correct wrong exact rough safe unsafe public private internal
external shared global static dynamic constant mutable immutable optional required nested flat deep
shallow wide narrow short long small large huge tiny simple complex plain rich raw cooked clean dirty
reason cause effect symptom workaround solution approach plan step detail summary note decision
trade assumption guess proof evidence measure figure sample trial experiment finding lesson risk cost
benefit goal scope owner team engineer designer manager reader writer maintainer contributor
library framework runtime engine compiler interpreter platform kernel driver device sensor battery
disk drive sector block inode folder directory archive mount quota swap core register instruction
vector matrix tensor gradient layer epoch batch sample feature cluster centroid distance neighbour
similarity embedding corpus document passage sentence word letter character glyph accent newline
whitespace tab space comma colon bracket brace parenthesis slash backslash dash underscore asterisk
carefully quickly silently eventually immediately usually rarely always never perhaps likely almost
entirely partly mostly exactly roughly directly indirectly separately together twice again elsewhere
keep keeps kept hold holds held move moves moved pass passes passed turn turns turned look looks
looked think thought know known believe understand explain describe mention suggest propose prefer
avoid prevent ensure guarantee require depend rely assume notice observe confirm verify reproduce
investigate trace profile optimise simplify refactor rename extract inline wrap unwrap guard throw
catch swallow propagate report recover resume restart reload refresh flush drain seed sprinkle anchor
bridge harbour lantern orchard quarry weaver glacier foundry lighthouse juniper tamarind hawthorn
mulberry basalt granite marble copper silver amber cedar willow maple birch meadow river valley ridge
summit canyon delta island lagoon reef tide current breeze thunder drizzle frost ember spark kindle`;

const ENDINGS = ["", "s", "ed", "ing", "er", "able", "ion", "less"] as const;

/** Zipf and Mandelbrot's law for English: frequency falls with 1 / (rank + 2.7). */
const MANDELBROT = 2.7;

/** Draws items so that the first ones come most often, as words do in a text. */
export class Zipf {
  readonly #items: readonly string[];
  readonly #sums: Float64Array;
  readonly #total: number;

  constructor(items: readonly string[]) {
    this.#items = items;
    this.#sums = new Float64Array(items.length);
    let sum = 0;
    for (let rank = 0; rank < items.length; rank += 1) {
      sum += 1 / (rank + 1 + MANDELBROT);
      this.#sums[rank] = sum;
    }
    this.#total = sum;
  }

  draw(random: Random): string {
    const wanted = random.next() * this.#total;
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#items[low] ?? "";
  }
}

/** The embedded words, most frequent first, each once. */
export const BASE_WORDS: readonly string[] = [...new Set(WORDS.split(/\s+/))];

/** Words of prose: the embedded ones, then rarer ones made of them, some 6,000 in all. */
export function proseWords(): Zipf {
  const content = BASE_WORDS.filter((word) => word.length > 3);
  const derived = ENDINGS.slice(1).flatMap((ending) => content.map((word) => word + ending));
  return new Zipf([...new Set([...BASE_WORDS, ...derived])]);
}

/** What the source files of one project are called and hold. */
export interface Names {
  readonly identifiers: Zipf;
  readonly paths: Zipf;
}

/** Makes the names of one project: `refreshTokenCache`, `retry_limit`, `src/queue/worker-pool.ts`. */
export function projectNames(random: Random): Names {
  const content = BASE_WORDS.filter((word) => word.length > 2);
  const word = () => random.pick(content);
  const identifiers = Array.from({ length: 4_000 }, () => {
    const parts = Array.from({ length: random.between(2, 3) }, word);
    if (random.chance(0.2)) return parts.join("_");
    const humped = parts.map((part, index) => (index === 0 ? part : capital(part))).join("");
    return random.chance(0.2) ? capital(humped) : humped;
  });
  const paths = Array.from({ length: 900 }, () => {
    const folders = Array.from({ length: random.between(1, 3) }, word);
    const name = `${word()}-${word()}`;
    return `${random.pick(ROOTS)}/${folders.join("/")}/${name}${random.pick(EXTENSIONS)}`;
  });
  return { identifiers: new Zipf(identifiers), paths: new Zipf(paths) };
}

const ROOTS = ["src", "src", "lib", "test", "packages/core", "internal"] as const;
const EXTENSIONS = [".ts", ".ts", ".ts", ".test.ts", ".tsx", ".py", ".go", ".sql", ".md"] as const;

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
