import type { Fact, Told, Topic } from "./day0-model.ts";

/** Said on a day. */
type Day = readonly [day: string, prompt: string, answer: string];

/** A question, the words of it that name a time, and what it is about. */
type Asked = readonly [text: string, time: string, about: string];

/** Where, what was said when, the one that is meant, and the questions that name its time. */
interface Dated {
  readonly place: string;
  readonly meant: Day;
  readonly others: readonly Day[];
  readonly asked: readonly Asked[];
}

const DATED: readonly Dated[] = [
  {
    place: "geo-lookup/cache",
    meant: [
      "03-17",
      "The lookup cache again: what do we do?",
      "For the lookup cache we decided on two levels, a small one in the process and a shared one behind it.",
    ],
    others: [
      [
        "01-22",
        "What about the lookup cache?",
        "For the lookup cache we decided to wait until the traffic of the spring campaign is known.",
      ],
      [
        "06-09",
        "Lookup cache, next step?",
        "For the lookup cache we decided to warm it from yesterday's top thousand before the morning.",
      ],
    ],
    asked: [
      ["what did we decide about the lookup cache in March", "in March", "lookup cache"],
      ["lookup cache decision of 2026-03-17", "2026-03-17", "lookup cache decision"],
    ],
  },
  {
    place: "admin-console/interface",
    meant: [
      "05-12",
      "The table of orders is slow, decide something.",
      "We decided that the orders table is virtualised, only visible rows are rendered.",
    ],
    others: [
      [
        "02-03",
        "Orders table: what now?",
        "We decided that the orders table loads fifty rows and a button loads more.",
      ],
      [
        "09-21",
        "Orders table once more.",
        "We decided that the orders table remembers its columns for each person.",
      ],
    ],
    asked: [
      ["what did we decide about the orders table in May", "in May", "orders table"],
      ["orders table, decision of 2026-05-12", "2026-05-12", "orders table"],
    ],
  },
  {
    place: "etl-runner/schedule",
    meant: [
      "08-25",
      "When do the loads run from now on?",
      "From now on the warehouse loads run every four hours instead of once a night.",
    ],
    others: [
      [
        "04-14",
        "When do the loads run from now on?",
        "From now on the warehouse loads run once a night, behind the backup.",
      ],
    ],
    asked: [
      [
        "how often do the warehouse loads run as agreed in August",
        "in August",
        "warehouse loads run",
      ],
      ["warehouse loads: what changed on August 25", "on August 25", "warehouse loads"],
    ],
  },
  {
    place: "docs-site/build",
    meant: [
      "07-06",
      "What broke the docs build?",
      "The docs build broke because a plugin update turned relative links into absolute ones; pinned it.",
    ],
    others: [
      [
        "03-30",
        "What broke the docs build?",
        "The docs build broke because the sidebar file held a trailing comma.",
      ],
      [
        "10-13",
        "What broke the docs build?",
        "The docs build broke because the runner image lost its fonts.",
      ],
    ],
    asked: [
      ["what broke the docs build in July", "in July", "what broke the docs build"],
      ["docs build broken on July 6", "on July 6", "docs build"],
    ],
  },
  {
    place: "pricing-engine/payment",
    meant: [
      "10-06",
      "Discount rules: what is the outcome?",
      "Outcome on discount rules: they stack at most twice, the better one first.",
    ],
    others: [
      [
        "06-23",
        "Discount rules: what is the outcome?",
        "Outcome on discount rules: they never stack, the best one wins.",
      ],
    ],
    asked: [
      ["outcome on discount rules in October", "in October", "discount rules"],
      ["what was the outcome about discount rules last month", "last month", "discount rules"],
    ],
  },
  {
    place: "feature-flags/deploy",
    meant: [
      "11-12",
      "What went wrong with the rollout?",
      "The rollout went wrong because the percentage was read as a fraction: one percent became everybody.",
    ],
    others: [
      [
        "07-28",
        "What went wrong with the rollout?",
        "The rollout went wrong because two flags guarded one route.",
      ],
    ],
    asked: [
      [
        "what went wrong with the rollout last week",
        "last week",
        "what went wrong with the rollout",
      ],
      ["rollout trouble in November", "in November", "rollout"],
    ],
  },
];

/** Where, what was said first, what replaced it, the questions. The later one holds. */
interface Replaced {
  readonly place: string;
  readonly first: Day;
  readonly after: Day;
  readonly asked: readonly [same: string, other: string];
}

const REPLACED: readonly Replaced[] = [
  {
    place: "config-client/api",
    first: [
      "02-10",
      "Which port does the config server listen on?",
      "The config server listens on port 7411.",
    ],
    after: [
      "09-08",
      "Move the config server off that port.",
      "The config server listens on port 7890 now, the old one collided with the agent.",
    ],
    asked: [
      "which port does the config server listen on",
      "network address number where settings are served",
    ],
  },
  {
    place: "inventory-sync/database",
    first: [
      "01-19",
      "Where is stock kept?",
      "Stock levels are kept in MongoDB, one document for each warehouse.",
    ],
    after: [
      "08-11",
      "Stock moves, right?",
      "Stock levels are kept in Postgres since the move, MongoDB is switched off.",
    ],
    asked: [
      "where are stock levels kept",
      "engine that remembers how many items are on the shelves",
    ],
  },
  {
    place: "report-builder/build",
    first: [
      "03-02",
      "Which package manager do we use here?",
      "This repository uses yarn with plug and play.",
    ],
    after: [
      "07-20",
      "Please change the package manager.",
      "This repository uses pnpm from today, yarn and its plug and play are removed.",
    ],
    asked: [
      "which package manager does this repository use",
      "tool for installing libraries in this codebase",
    ],
  },
  {
    place: "notify-hub/queue",
    first: [
      "02-24",
      "How many retries has a notification?",
      "A notification is retried 3 times, then given up.",
    ],
    after: [
      "10-01",
      "Three are too few.",
      "A notification is retried 9 times over two hours, then given up.",
    ],
    asked: [
      "how many times is a notification retried",
      "attempts at reaching a subscriber before we stop",
    ],
  },
  {
    place: "admin-console/auth",
    first: [
      "01-27",
      "Who may refund an order?",
      "Refunds may be made by anybody in the support role.",
    ],
    after: [
      "06-16",
      "Finance complained about refunds.",
      "Refunds may be made only by team leads, above 200 euros with a second approval.",
    ],
    asked: ["who may make refunds", "permission to pay money back to buyers"],
  },
  {
    place: "ui-kit/testing",
    first: [
      "04-07",
      "Which runner for the visual checks?",
      "Visual checks run with Loki against Chrome in a container.",
    ],
    after: [
      "10-20",
      "Loki is dead, isn't it?",
      "Visual checks run with Playwright screenshots now, Loki was given up by its authors.",
    ],
    asked: ["what do the visual checks run with", "program comparing how components look"],
  },
  {
    place: "mobile-app/deploy",
    first: ["02-17", "How do betas get out?", "Beta builds go out by hand every second Thursday."],
    after: [
      "08-04",
      "Automate the betas.",
      "Beta builds go out on every merge to main, nobody does it by hand any longer.",
    ],
    asked: ["when do beta builds go out", "how do testers receive preview versions"],
  },
  {
    place: "metrics-agent/api",
    first: ["03-24", "What do we export with?", "The agent exports with StatsD over UDP."],
    after: [
      "09-29",
      "We lose samples over UDP.",
      "The agent exports with OTLP over gRPC, StatsD is off by default.",
    ],
    asked: ["what does the agent export with", "protocol by which measurements leave the host"],
  },
];

/** Told in a library, asked where it is used. */
const CROSS: readonly (readonly [
  place: string,
  from: string,
  prompt: string,
  answer: string,
  same: string,
  paraphrase: string,
])[] = [
  [
    "config-client/api",
    "billing-api",
    "How do callers refresh settings?",
    "Callers of the config client must call reload() after a SIGHUP, it does not watch by itself.",
    "how are settings of the config client refreshed after a SIGHUP",
    "library does not notice new values by itself, what must an application do",
  ],
  [
    "design-tokens/interface",
    "mobile-app",
    "Why are there two greys?",
    "There are two greys, slate-400 for text and slate-350 for lines, since text needs a contrast of 4.5 and lines do not.",
    "why are there two greys slate-400 and slate-350",
    "nearly equal neutral shades and the accessibility rule behind them",
  ],
  [
    "proto-schemas/api",
    "inventory-sync",
    "Can I reuse a deleted field number?",
    "Never reuse a field number: write it to the reserved list, old phones still send field 12 as a string.",
    "can a deleted field number be reused",
    "recycling tags of removed attributes while outdated handsets are around",
  ],
  [
    "queue-worker/queue",
    "search-indexer",
    "How does a handler say that it must not be retried?",
    "A handler throws FatalJobError for what must not be retried; everything else is tried again.",
    "how does a handler say that a job must not be retried",
    "signalling a permanent failure to the background runner",
  ],
  [
    "session-store/cache",
    "auth-gateway",
    "What happens to sessions on a failover?",
    "On a failover sessions written in the last 200 milliseconds may be lost, callers have to treat a missing one as signed out.",
    "what happens to sessions on a failover",
    "guarantees when the replica takes over and a visitor's state is gone",
  ],
  [
    "ledger-core/payment",
    "pricing-engine",
    "How do I reverse a posting?",
    "A posting is reversed with reverse(id, reason), never by a negative amount: reports count negative ones as refunds.",
    "how is a posting reversed",
    "undoing a booking the proper way so that statistics stay right",
  ],
  [
    "ui-kit/interface",
    "docs-site",
    "How is the dark theme switched on?",
    "The dark theme follows data-theme on the html element; the media query is only the default of the first visit.",
    "how is the dark theme switched on",
    "attribute controlling night appearance",
  ],
  [
    "pdf-renderer/media",
    "report-builder",
    "How large may an embedded picture be?",
    "Pictures above 3000 pixels are refused by the renderer with E_IMAGE_LARGE, scale them before.",
    "how large may a picture be for the renderer E_IMAGE_LARGE",
    "upper bound on illustrations before a document is rejected",
  ],
  [
    "cron-runner/schedule",
    "etl-runner",
    "What if a run is still going when the next is due?",
    "A run that is still going makes the next one skip, unless overlap: queue is set for the job.",
    "what if a run is still going when the next is due",
    "behaviour for tasks that take longer than their period",
  ],
  [
    "mail-relay/mail",
    "notify-hub",
    "What do I get for a bounced address?",
    "For a bounced address the relay calls the suppression hook and answers 409 from then on.",
    "what does the relay answer for a bounced address",
    "consequence of writing to somebody whose inbox does not exist",
  ],
];

function told([day, prompt, answer]: Day): Told {
  return { day, prompt, answer };
}

function at(place: string): { project: string; topic: Topic } {
  const [project = "", topic = ""] = place.split("/");
  return { project, topic: topic as Topic };
}

/** What was said at a time, what was replaced later, and what was said in another project. */
export const TIMES_AND_PLACES: readonly Fact[] = [
  ...DATED.map(
    ({ place, meant, others, asked }, index): Fact => ({
      id: `dated-${index + 1}`,
      ...at(place),
      told: told(meant),
      besides: others.map(told),
      questions: asked.map(([text, time, about]) => ({ kind: "temporal", text, time, about })),
    }),
  ),
  ...REPLACED.map(
    ({ place, first, after, asked }, index): Fact => ({
      id: `replaced-${index + 1}`,
      ...at(place),
      told: told(after),
      besides: [told(first)],
      questions: asked.map((text) => ({ kind: "superseded", text })),
    }),
  ),
  ...CROSS.map(
    ([place, from, prompt, answer, same, paraphrase], index): Fact => ({
      id: `cross-${index + 1}`,
      ...at(place),
      told: { prompt, answer },
      questions: [same, paraphrase].map((text) => ({ kind: "cross-project", text, from })),
    }),
  ),
];
