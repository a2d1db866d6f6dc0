import type { Fact, Topic } from "./day0-model.ts";

/** Where, what was asked, the value that was set; the question in the same and in other words, reworded. */
type Row = readonly [
  place: string,
  prompt: string,
  answer: string,
  same: string,
  paraphrase: string,
  reworded: string,
];

const SETTINGS: readonly Row[] = [
  [
    "billing-api/database",
    "The pool runs dry under load, what should its size be?",
    "I set DB_POOL_MAX to 24 with an idle timeout of 45 seconds; above 24 the primary starts to queue.",
    "what is DB_POOL_MAX set to",
    "how many simultaneous links to the primary may one instance open",
    "What size did we give the database pool before it hurts the primary?",
  ],
  [
    "session-store/cache",
    "Give the sessions a sane lifetime.",
    "SESSION_TTL is now 43200 seconds, sliding, with a hard stop after 14 days.",
    "what value has SESSION_TTL",
    "after what time are visitors logged out automatically",
    "How long is the lifetime of a session, and does using it prolong it?",
  ],
  [
    "mail-relay/mail",
    "Providers throttle us. Limit the outgoing rate.",
    "The relay now sends at most 14 messages per second for each provider, with bursts of 60: RELAY_RATE=14 and RELAY_BURST=60.",
    "RELAY_RATE and RELAY_BURST of the relay",
    "cap on outbound letters before somebody slows us down",
    "What speed do we allow for outgoing mail per provider?",
  ],
  [
    "queue-worker/queue",
    "How many jobs may one worker hold at a time?",
    "prefetch is 32 for the short queue and 4 for the long one; anything higher starves the other consumers.",
    "what prefetch do the short and the long queue have",
    "number of tasks grabbed ahead by a consumer process",
    "How many messages does a worker on the long queue take at once?",
  ],
  [
    "search-indexer/search",
    "The refresh of the index costs too much while importing.",
    "During an import refresh_interval is 120s, in normal operation 5s; the import script sets and restores it.",
    "what is refresh_interval during an import",
    "how stale may results become while bulk loading is going on",
    "How often does the search index refresh while we are importing?",
  ],
  [
    "media-pipeline/media",
    "What quality do we encode the previews with?",
    "Previews are encoded with CRF 27 and preset slow, two passes only above 1080 lines.",
    "which CRF and preset do the previews use",
    "compression strength of the short clips shown before purchase",
    "Which quality setting do we compress the previews with?",
  ],
  [
    "auth-gateway/auth",
    "Somebody hammers the login. Lock accounts after how many tries?",
    "Lockout after 8 wrong passwords within 10 minutes, for 15 minutes, counted by account and not by address.",
    "after how many wrong passwords is an account locked out",
    "brute force protection threshold and how long the ban holds",
    "When do we lock out a user who keeps typing the wrong password?",
  ],
  [
    "log-shipper/logging",
    "How long do we keep logs, the disk fills up?",
    "Retention is 21 days hot and 180 days in the archive; audit lines stay for 7 years in their own bucket.",
    "how many days is log retention hot and in the archive",
    "until when can I still look up what a server printed",
    "How far back can I read logs before I have to go to the archive?",
  ],
  [
    "cron-runner/schedule",
    "When should the nightly export run so that it does not meet the backup?",
    "The nightly export now starts at 02:40 Europe/Lisbon, the backup is through by 02:25.",
    "when does the nightly export start",
    "at what hour is the dump for the accountants produced after dark",
    "Which time did the nightly export get so that it stays clear of the backup?",
  ],
  [
    "mobile-app/mobile",
    "Push tokens expire, how often do we refresh them?",
    "Push tokens are refreshed every 19 days, and at once when the system hands out another one.",
    "how often are push tokens refreshed",
    "renewal period of the identifiers that let us alert handsets",
    "How many days old may a push token get before the app asks for a fresh one?",
  ],
  [
    "checkout-web/payment",
    "Carts that nobody pays block stock.",
    "A reservation is given back after 35 minutes, 90 minutes when the bank transfer page was opened.",
    "after how many minutes is a cart reservation given back",
    "how long do unpaid baskets keep goods from other buyers",
    "How long does an unpaid cart hold on to its stock?",
  ],
  [
    "release-tools/build",
    "The runners run out of memory in the type check.",
    "I raised max-old-space-size to 6144 on the large runners and split the check into 4 shards.",
    "max-old-space-size on the large runners",
    "heap ceiling given to node where the compiler used to die",
    "How much heap does the type check get in CI now?",
  ],
  [
    "metrics-agent/logging",
    "Scrapes overlap on the small machines.",
    "Scrape interval 20s with a timeout of 8s on the small machines, 10s and 5s on all others.",
    "scrape interval and timeout on the small machines",
    "polling cadence of the collector for weak hosts",
    "How often do we collect metrics from the small machines, and when does it give up?",
  ],
  [
    "geo-lookup/cache",
    "How precise must the cached positions be?",
    "Cached positions are rounded to 4 decimals, some eleven metres, which lifted the hit rate to 83 percent.",
    "to how many decimals are cached positions rounded",
    "granularity of remembered coordinates and what it did for reuse",
    "How exact are the positions that the geo service remembers in its cache?",
  ],
];

/** Where, the file that was changed, what was asked, the answer; the question as for a value. */
type FileRow = readonly [
  place: string,
  path: string,
  prompt: string,
  answer: string,
  same: string,
  paraphrase: string,
  reworded: string,
];

const FILES: readonly FileRow[] = [
  [
    "auth-gateway/auth",
    "src/guards/device-trust.ts",
    "Where do we decide that a device is known?",
    "Device trust is decided in src/guards/device-trust.ts; the middleware only reads the verdict.",
    "where is device trust decided",
    "which module judges whether a laptop has been seen before",
    "In which file is it judged whether a device can be trusted?",
  ],
  [
    "billing-api/payment",
    "src/dunning/ladder.ts",
    "Where are the reminder steps for unpaid invoices?",
    "The dunning steps are in src/dunning/ladder.ts, one entry for each reminder with its fee.",
    "where are the dunning steps for unpaid invoices",
    "source location of the escalation when customers do not pay",
    "Which module has the fees and the reminder schedule for invoices that customers ignore?",
  ],
  [
    "ledger-core/database",
    "src/posting/double-entry.ts",
    "Who makes sure that debits equal credits?",
    "src/posting/double-entry.ts checks that debits equal credits before the insert, and the trigger is only a net below it.",
    "where is it checked that debits equal credits",
    "code guarding that both sides of a booking match",
    "Where in the ledger code do we verify that debits and credits agree?",
  ],
  [
    "search-indexer/search",
    "lib/analysis/stem-rules.json",
    "Portuguese plurals are not found. Where are the stemming rules?",
    "The stemming rules are in lib/analysis/stem-rules.json; I added the Portuguese plurals there.",
    "where are the stemming rules for Portuguese plurals",
    "place of the language data that reduces inflected forms",
    "Where do I add a stemming rule for another language?",
  ],
  [
    "media-pipeline/media",
    "src/ladder/bitrate-table.ts",
    "Which file holds the bitrates for each resolution?",
    "All bitrates are in src/ladder/bitrate-table.ts, keyed by height; nothing else may hard code one.",
    "which file holds the bitrates for each resolution",
    "where to tweak stream quality steps",
    "I want to change the bitrate of a stream for one resolution; where is that?",
  ],
  [
    "ui-kit/interface",
    "src/focus/trap-scope.tsx",
    "The dialog lets the focus escape. Where is the trap?",
    "The focus trap is src/focus/trap-scope.tsx; dialogs and drawers both wrap their content in it.",
    "where is the focus trap of dialogs and drawers",
    "component stopping the tab key from leaving a popup",
    "Which source keeps the keyboard focus inside an open dialog?",
  ],
  [
    "mobile-app/mobile",
    "src/sync/conflict-merge.ts",
    "Two devices change one order, who wins?",
    "Order conflicts are merged in src/sync/conflict-merge.ts: per field, the later edit wins, except for the quantity.",
    "where are order conflicts of two devices merged",
    "reconciliation logic when a courier and the office both amend a delivery",
    "Which code of the app settles conflicts when an order was changed on another phone as well?",
  ],
  [
    "queue-worker/queue",
    "src/backoff/jitter.ts",
    "All workers retry in the same second. Where is the delay computed?",
    "The retry delay with full jitter is computed in src/backoff/jitter.ts.",
    "where is the retry delay with jitter computed",
    "file that spreads repeated attempts over time",
    "Where is the waiting time before a worker's next retry worked out?",
  ],
  [
    "report-builder/media",
    "templates/quarterly/cover.typ",
    "The cover of the quarterly report has an old logo.",
    "The cover is templates/quarterly/cover.typ; the logo is taken from the brand folder now.",
    "where is the cover of the quarterly report",
    "title page source for the three-monthly figures",
    "Which file has the front page and the logo of the quarterly report?",
  ],
  [
    "cron-runner/schedule",
    "src/calendar/holidays.ts",
    "Runs must be skipped on bank holidays.",
    "Bank holidays come from src/calendar/holidays.ts, by country, and a run on one of them is moved to the next working day.",
    "where do the bank holidays come from",
    "list of days off that postpones jobs",
    "Where is the list of holidays that make a run wait?",
  ],
];

function place(text: string): { project: string; topic: Topic } {
  const [project = "", topic = ""] = text.split("/");
  return { project, topic: topic as Topic };
}

/** Values that were set, and files in which something is done. */
export const SETTINGS_AND_FILES: readonly Fact[] = [
  ...SETTINGS.map(
    ([where, prompt, answer, same, paraphrase, reworded], index): Fact => ({
      id: `setting-${index + 1}`,
      ...place(where),
      told: { prompt, answer },
      questions: [
        { kind: "configuration", text: same },
        { kind: "paraphrase", text: paraphrase },
        { kind: "reworded", text: reworded },
      ],
    }),
  ),
  ...FILES.map(
    ([where, path, prompt, answer, same, paraphrase, reworded], index): Fact => ({
      id: `file-${index + 1}`,
      ...place(where),
      told: { prompt, answer, edits: path },
      questions: [
        { kind: "file", text: path },
        { kind: "same words", text: same },
        { kind: "paraphrase", text: paraphrase },
        { kind: "reworded", text: reworded },
      ],
    }),
  ),
];
