import type { Fact, Topic } from "./day0-model.ts";

/**
 * Where, the command, what it printed, the same failure elsewhere later (other paths, other numbers),
 * the fix, the trouble in other words, and a question reworded.
 */
type Row = readonly [
  place: string,
  command: string,
  output: string,
  later: string,
  fix: string,
  symptom: string,
  reworded: string,
];

const ROWS: readonly Row[] = [
  [
    "billing-api/database",
    "bun run migrate",
    "error: deadlock detected\nDETAIL: Process 4182 waits for ShareLock on transaction 90311; blocked by process 4190.\n    at /home/ana/billing-api/src/db/migrate.ts:88:13",
    "error: deadlock detected DETAIL: Process 733 waits for ShareLock on transaction 1208; blocked by process 741. at /srv/ci/work/billing/src/db/migrate.ts:91:13",
    "Two migrators ran at once. I take a pg_advisory_lock before the first statement, and the deadlock is gone.",
    "schema changes hang because several runners collide",
    "How did we get rid of the deadlock during a migration in billing?",
  ],
  [
    "auth-gateway/auth",
    "bun test src/oidc",
    "JWSSignatureVerificationFailed: signature verification failed\n    at flattenedVerify (/home/ana/auth-gateway/node_modules/jose/dist/jws/flattened/verify.js:84:15)",
    "JWSSignatureVerificationFailed: signature verification failed at flattenedVerify (/opt/build/node_modules/jose/dist/jws/flattened/verify.js:97:19)",
    "The key set was cached across a rotation. Fetching the JWKS again on an unknown kid mends it.",
    "identity provider changed its keys and nobody could sign in",
    "Why did tokens fail their signature check though our key set looked right?",
  ],
  [
    "checkout-web/interface",
    "bun run build",
    "Hydration failed because the server rendered HTML didn't match the client.\n    at throwOnHydrationMismatch (webpack-internal:///4312:91:11)",
    "Hydration failed because the server rendered HTML didn't match the client. at throwOnHydrationMismatch (webpack-internal:///807:12:5)",
    "The price was formatted with the locale of the server. I pass the locale down from the request, so both render the same.",
    "page flickers and complains that first markup and browser markup differ",
    "Why did a price come out differently on the server than in the browser?",
  ],
  [
    "media-pipeline/media",
    "ffmpeg -i in.mov out.mp4",
    "[libx264 @ 0x55d0c8a3] width not divisible by 2 (1079x606)\nConversion failed!",
    "[libx264 @ 0x7fa1be10] width not divisible by 2 (853x480) Conversion failed!",
    "Odd widths are refused by yuv420p: the scale filter now rounds with scale=trunc(iw/2)*2:trunc(ih/2)*2.",
    "portrait clips with an uneven number of pixels cannot be encoded",
    "How do we get videos with an odd width to convert?",
  ],
  [
    "mail-relay/mail",
    "bun run send --dry",
    "Error: 421 4.7.0 Try again later, closing connection. (EHLO) k9-20020a05\n    at SMTPConnection._onError (/home/ana/mail-relay/node_modules/nodemailer/lib/smtp-connection/index.js:790:20)",
    "Error: 421 4.7.0 Try again later, closing connection. (EHLO) d2-77120b11 at SMTPConnection._onError (/app/node_modules/nodemailer/lib/smtp-connection/index.js:812:20)",
    "The provider wants a reverse DNS name in EHLO. Setting the name option of the transport to the PTR record of the host ended the 421.",
    "receiver hangs up on our greeting because the machine is not named properly",
    "What did the provider want when it hung up on our transport's greeting?",
  ],
  [
    "queue-worker/queue",
    "bun run worker",
    'Error: Channel closed by server: 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - delivery acknowledgement on channel 3 timed out. Timeout value used: 1800000 ms"',
    'Error: Channel closed by server: 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - delivery acknowledgement on channel 11 timed out. Timeout value used: 900000 ms"',
    "Long jobs held the message for over half an hour. They now acknowledge at once and keep a lease row that is renewed every minute.",
    "broker throws out slow consumers that take too long to confirm",
    "Why did the channel close under jobs that take more than an hour?",
  ],
  [
    "mobile-app/mobile",
    "./gradlew assembleRelease",
    "FAILURE: Build failed with an exception.\n* What went wrong:\nExecution failed for task ':app:mergeReleaseNativeLibs'.\n> 2 files found with path 'lib/arm64-v8a/libc++_shared.so'",
    "FAILURE: Build failed with an exception. Execution failed for task ':app:mergeReleaseNativeLibs'. > 3 files found with path 'lib/x86_64/libc++_shared.so'",
    "Both the map and the camera package bring libc++. packagingOptions with pickFirst for libc++_shared.so settles it.",
    "two vendored packages ship an identical native binary and packing the app stops",
    "Which packages fight over the native library in a release?",
  ],
  [
    "release-tools/deploy",
    "docker buildx build .",
    'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 137',
    'ERROR: failed to solve: process "/bin/sh -c npm ci --omit=dev" did not complete successfully: exit code: 137',
    "137 is the memory killer: the builder had 2 GB. With a builder of 4 GB and maxsockets=4 the install passes.",
    "image creation is killed midway while fetching packages",
    "How much memory does the image builder need for the install?",
  ],
  [
    "db-migrations/database",
    "bun run migrate up",
    "ERROR: canceling statement due to lock timeout (SQLSTATE 55P03) at /home/ana/db-migrations/sql/0142_orders.sql:3",
    "ERROR: canceling statement due to lock timeout (SQLSTATE 55P03) at /builds/team/db/sql/0207_parcels.sql:9",
    "A reporting session sat idle in transaction. The runner now sets idle_in_transaction_session_timeout on the replica role and tries the step five times.",
    "an analyst's forgotten open cursor blocks altering a table",
    "Which session held the lock while we migrated, and how does the runner guard against it?",
  ],
  [
    "search-indexer/search",
    "bun run reindex",
    "ResponseError: circuit_breaking_exception: [parent] Data too large, data for [<http_request>] would be [1021733298/974.4mb], which is larger than the limit of [986932838/941.1mb]",
    "ResponseError: circuit_breaking_exception: [parent] Data too large, data for [<http_request>] would be [2147011220/1.9gb], which is larger than the limit of [2040109465/1.8gb]",
    "Bulk bodies were bounded by count. I bound them to 8 MB each and the breaker no longer trips.",
    "cluster refuses an upload since the batch eats all its heap",
    "How big may a bulk request be so that the breaker stays quiet?",
  ],
  [
    "ui-kit/testing",
    "bun test button",
    'TestingLibraryElementError: Unable to find an accessible element with the role "button" and name "Save"\n    at getElementError (/home/ana/ui-kit/node_modules/@testing-library/dom/dist/config.js:37:19)',
    'TestingLibraryElementError: Unable to find an accessible element with the role "button" and name "Apply" at getElementError (/w/1/s/node_modules/@testing-library/dom/dist/config.js:40:19)',
    "The parent still had aria-hidden from the closing dialog. Waiting for the exit animation before the query finds it.",
    "checks cannot see a control because an ancestor hides it from screen readers",
    "Why is a button invisible to the test once a dialog was open?",
  ],
  [
    "cron-runner/schedule",
    "bun run tick",
    "RangeError: Invalid time zone specified: US/Pacific-New\n    at new DateTimeFormat (<anonymous>) at zoneOf (/home/ana/cron-runner/src/zone.ts:19:9)",
    "RangeError: Invalid time zone specified: US/Pacific-New at new DateTimeFormat (<anonymous>) at zoneOf (/usr/src/app/src/zone.ts:23:9)",
    "That name left the zone database in 2020. Old names are mapped through backward.json before the format is made.",
    "a legacy region label is no longer known to the runtime",
    "Why did a schedule's zone name stop being valid, and what do we do about it?",
  ],
  [
    "pdf-renderer/media",
    "typst compile contract.typ",
    "error: unknown font family: inter tight\n  ┌─ /home/ana/pdf-renderer/templates/contract.typ:4:12",
    "error: unknown font family: inter tight ┌─ /builds/pdf/templates/offer.typ:7:12",
    "The container has no fonts. The family is vendored under assets/fonts and given with --font-path.",
    "document comes out in a wrong typeface or not at all inside the image",
    "How does the contract template find its fonts in the container?",
  ],
  [
    "etl-runner/database",
    "bun run load",
    'error: extra data after last expected column\nCONTEXT: COPY shipment, line 4411: "8812;Oslo;2026-02-03;;;"',
    'error: extra data after last expected column CONTEXT: COPY parcel, line 92: "17;Bergen;2026-05-11;;;"',
    "The supplier's export ends its rows with empty cells. The loader cuts trailing separators before COPY.",
    "bulk load chokes on a partner's sheet with surplus blank fields",
    "What does the loader do about rows that have more cells than the table?",
  ],
  [
    "chat-bot/api",
    "curl -N localhost:8080/stream",
    "TypeError: terminated\n    at Fetch.onAborted (node:internal/deps/undici/undici:11132:53)\n  [cause]: BodyTimeoutError: Body Timeout Error",
    "TypeError: terminated at Fetch.onAborted (node:internal/deps/undici/undici:13502:53) [cause]: BodyTimeoutError: Body Timeout Error",
    "The stream is silent for minutes while it thinks. bodyTimeout is 0 for that agent and a comment line is sent every 15 seconds.",
    "long pauses in a reply make the consumer give up halfway",
    "How do we keep a silent stream of the bot from being cut off?",
  ],
  [
    "log-shipper/logging",
    "bun run ship",
    "Error: EMFILE: too many open files, watch '/var/log/pods/7f1c'\n    at FSWatcher.<computed> (node:internal/fs/watchers:247:19)",
    "Error: EMFILE: too many open files, watch '/var/log/pods/a90e' at FSWatcher.<computed> (node:internal/fs/watchers:301:19)",
    "One watcher for each file ran into fs.inotify.max_user_instances. A single recursive watcher on the folder replaces them.",
    "agent exhausts kernel handles when a node carries many containers",
    "Which limit did the shipper hit with its file watchers, and what do we use instead?",
  ],
];

/** Failures and what mended them. */
export const ERRORS: readonly Fact[] = ROWS.map(
  ([place, command, output, later, fix, symptom, reworded], index) => {
    const [project = "", topic = ""] = place.split("/");
    return {
      id: `error-${index + 1}`,
      project,
      topic: topic as Topic,
      told: {
        prompt: `Run ${command} and see what is wrong with it.`,
        answer: fix,
        failed: { command, output },
      },
      questions: [
        { kind: "error text", text: later },
        { kind: "paraphrase", text: symptom },
        { kind: "reworded", text: reworded },
      ],
    };
  },
);
