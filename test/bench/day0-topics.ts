import type { Topic } from "./day0-model.ts";

/** What conversations on a topic name again and again, separated by semicolons. */
export const TOPIC_WORDS: Readonly<Record<Topic, string>> = {
  cache: `cache; lookup cache; hit rate; eviction; stale entries; cached positions; key prefix; warm start;
invalidations; memory limit; the sessions; login sessions; persisted state; restart; expiry; TTL; replica;
failover; serialised values; stampede; read through; write behind; cache key; shared level; lifetime; the store`,
  auth: `login; access token; refresh token; opaque tokens; signed token; introspection; revocation; passkeys;
SMS codes; recovery words; passwords; lockout; support role; team leads; permission check; device trust;
middleware; key set; rotation; identity provider; account takeover; sign in page; second factor; refunds; scopes`,
  database: `the primary; replica; migration; columns; balances; journal; bigint column; minor units; decimal type;
pool; idle timeout; lock timeout; advisory lock; deadlock; transaction; stock levels; warehouse; rollback;
foreign key; index scan; vacuum; statement; audit trail; posting; debits; credits; trigger; canary; the insert`,
  queue: `jobs; consumer; broker; prefetch; acknowledgement; idempotency keys; duplicates; retry delay; jitter;
quarantine table; webhooks; suppliers; polling; throughput; attempts; long queue; short queue; lease row; handler;
notification; backlog; delivery; batch; replay; dead letter topic; worker pool; visibility`,
  search: `index; product names; n-grams; trigrams; synonyms; query time; index time; stemming rules; plurals;
refresh_interval; import; ranking; relevance; bulk bodies; shard; analyser; latency; prefix; facets; results page;
typos; boost; reindex; snippets; breaker; language data; match`,
  media: `thumbnails; previews; originals; renditions; bitrates; resolution; encoding; preset; WebP; AVIF; Chromium;
contracts; templates; pages; fonts; cover; quarterly report; storage bill; bucket; scale filter; upload; pictures;
renderer; signature; logo; aspect; codec`,
  mail: `newsletters; transactional mail; subdomain; spam complaints; digests; open rate; bounced address;
suppression; relay; provider; outgoing rate; bursts; password resets; campaign; headers; reverse DNS; greeting;
unsubscribe link; reader; templates; inbox placement; reply address; sender`,
  payment: `invoices; invoice numbers; invoice lines; rounding; cent; tenant; tax office; dunning steps; reminder;
fee; cart; reservation; bank transfer; discount rules; refund; currency; total; series; legal entity; posting;
reversal; ledger; receipt; billing period; unpaid invoices; checkout`,
  build: `bundle; cold build; Webpack; Rspack; Vite; loaders; module federation; type check; runners; shards;
package manager; yarn; pnpm; lockfile; plugin update; docs build; cache of the build; source maps; tree shaking;
relative links; compile step; artefact; warnings; memory of the runner; repository`,
  testing: `visual checks; screenshots; Playwright; Loki; fixtures; flaky test; role query; accessible name; exit animation;
snapshot; coverage; mocks; integration suite; test data; runner; assertion; timeout; parallel; seed; teardown;
container; regression; dialog test; button test; property test`,
  deploy: `rollout; rolling update; blue green; surge; stateful services; quota; canary; rollback; beta builds;
release; image; builder; stage; health check; percentage; flags; merge to main; environment; secrets; drain;
region; version tag; pipeline; gate; change log`,
  logging: `debug lines; log retention; archive; audit lines; sampling; histograms; summaries; latencies; percentile;
scrape interval; timeout; small machines; dashboards; alerts; watcher; pods; labels; cardinality; trace ids;
disk; shipping lag; error lines; request id; instances; buffers`,
  mobile: `offline orders; SQLite; Realm; sync; conflicts; quantity; push tokens; Android; keystore; drivers;
devices; native libs; camera package; map; release build; crash report; battery; background fetch; store review;
bundle size; deep links; permissions; couriers; old phones; minimum version`,
  interface: `form; address field; blur; validation; red text; orders table; rows; focus trap; dialogs; drawers;
dark theme; greys; contrast; CSS modules; styled components; server rendering; hydration; locale; layout shift;
icons; keyboard; spacing; first paint; tokens; usability sessions`,
  api: `endpoint; shared messages; required fields; field number; reserved list; config server; port; reload; flag rules;
signed bundle; round trip; geocoder; coordinates; licence; route history; stream; agent; exporter; gRPC; UDP;
pagination; versions; contract; rate limit; consumers`,
  schedule: `schedules; wall clock; zone; UTC; summer time; payroll run; nightly export; backup; warehouse loads; overlap;
bank holidays; working day; next run; missed run; lease; calendar; cron line; skipped run; time zone; export;
catch up; trigger; night window; duration; deadline`,
};

/** `{t}` is of the topic, `{g}` any word of the trade, `{i}` an identifier, `{p}` a path, `{n}` a number. */
export const ASKED: readonly string[] = [
  "Can you look at {t}? Since yesterday {u} is {a}.",
  "Please {v} the {g} in {p}, it should not touch {t}.",
  "Why does `{i}` need {t} at all?",
  "I think {t} and {u} depend on each other. Is that so?",
  "Continue with {t}, but leave {u} alone for now.",
  "{t} first, then {u}. Keep the change small.",
  "What happens to {t} when {u} is {a}?",
  "There are {n} {g} reports about {t} again.",
  "Add a test for {t} with {n} entries.",
  "Is `{i}` still used anywhere? It looks like a rest of {t}.",
  "Do we have numbers on {t} for this {w}?",
  "Go on.",
  "Yes, do that, and {v} {p} while you are there.",
  "The review says that {t} is {a}. Answer it.",
  "Explain how {t} reaches {u}, I never understood it.",
  "Could {t} be the reason that {u} takes {n} ms?",
  "Before we {v} anything: which callers of `{i}` rely on {t}?",
  "Write down what we know about {t} and {u}.",
  "We talked about {t} before the holidays, where does it stand?",
  "Somebody from support asks about {t}. What can I tell them?",
];

export const ANSWERED: readonly string[] = [
  "{T} goes through `{i}`, which is called from {p}.",
  "I read {p}: {t} is {a} because `{i}` returns early when {u} is missing.",
  "The {g} around {t} is {a}, so I {d} it and left {u} as it was.",
  "{T} and {u} share `{i}`; that is why a change in one shows in the other.",
  "After the change {n} of {m} cases pass, the rest concerns {u}.",
  "I {d} `{i}` in {p} and added a case for {t}.",
  "That is {a}: {t} only matters once {u} has been loaded.",
  "There are two ways: {v} {t} first, or keep it and {v} {u}. The second one is smaller.",
  "We went with the {a} {g} for {t}, since {u} would otherwise need a second pass.",
  "It takes {n} ms now, {m} ms before; most of it was spent in {t}.",
  "{T} is not the cause. The {g} shows that {u} is read {n} times.",
  "As agreed in the last {w}, {t} stays {a} until the {g} is done.",
  "The reason is in `{i}`: it treats {t} like {u}.",
  "I could not reproduce it with {t} alone; together with {u} it fails every {n} runs.",
  "Nothing else reads {t}, so it is safe to {v} it.",
  "For {t} the value {n} would be enough, but {u} asks for {m}.",
  "{p} holds the part about {t}; the part about {u} is generated.",
  "Next I would {v} the {g}, because {t} still looks {a}.",
  "Note that {t} changed in the last {w}: the {g} is {a} now.",
  "The old way kept {t} in `{i}`, which made {u} {a}.",
  "Both {t} and {u} are covered by the tests in {p}.",
  "I left a comment at `{i}` why {t} must come before {u}.",
  "Until {w} {t} was {a}; since then {u} does the same without the {g}.",
  "If {u} fails, {t} is tried again after {n} seconds.",
  "It is {a}, but not wrong: {t} may be empty when {u} is.",
  "The {g} and the {h} both belong to {t}, I would keep them together.",
  "We could ask the owner of {t} whether {u} still needs the {g}.",
  "In short: {t} is fine, {u} needs work, the {g} can wait.",
];

/** What fails again and again: near the failures of the facts in words, but others. */
export const FAILURES: readonly string[] = [
  'ERROR: duplicate key value violates unique constraint "{i}" DETAIL: Key (id)=({n}) already exists. at {p}:{m}:13',
  "error: could not serialize access due to concurrent update; Process {n} waits for transaction {m} at {p}:{n}",
  "Error: Channel closed by server: 404 (NOT-FOUND) with message \"NOT_FOUND - no queue '{i}' in vhost '/'\" on channel {n}",
  "Error: 550 5.1.1 mailbox unavailable, closing connection. (RCPT) at SMTPConnection._onError (node_modules/nodemailer/lib/smtp-connection/index.js:{n}:20)",
  'ERROR: failed to solve: process "/bin/sh -c bun run {i}" did not complete successfully: exit code: 1',
  "RangeError: Invalid time value at Date.toISOString (<anonymous>) at {i} ({p}:{n}:9)",
  "error: unknown variable: {i} in {p}:{n}:{m}",
  "TestingLibraryElementError: Found multiple elements with the text: {i} at getElementError ({p}:{n}:19)",
  'JWTExpired: "exp" claim timestamp check failed at {i} (node_modules/jose/dist/jwt/verify.js:{n}:15)',
  "[libx264 @ 0x55aa{n}] broken pipe, frame {m}: Conversion failed!",
  "Execution failed for task ':app:{i}'. > A failure occurred while executing {p}:{n}",
  "ResponseError: index_not_found_exception: no such index [{i}] at {p}:{n}",
  "Error: EACCES: permission denied, watch '/var/log/{i}' at FSWatcher.<computed> (node:internal/fs/watchers:{n}:19)",
  "TypeError: fetch failed at node:internal/deps/undici/undici:{n}:13 [cause]: ConnectTimeoutError: Connect Timeout Error at {p}:{m}",
  'error: invalid input syntax for type numeric: "{i}" CONTEXT: COPY {i}, line {n}, column {m}',
  "AssertionError: expected {n} to be {m} at {p}:{n}:7",
];

export const VERBS =
  "rename;move;split;simplify;remove;check;measure;guard;document;revert;extract;merge".split(";");
export const DONE =
  "renamed;moved;split;simplified;removed;checked;guarded;documented;reverted;extracted".split(";");
export const STATES =
  "slow;empty;stale;broken;wrong;flaky;noisy;too strict;correct;half done;unclear;fine;missing;doubled;simple;expensive".split(
    ";",
  );
export const WHENS = "week;sprint;release;review;month;morning;deploy;merge;quarter".split(";");
