import { describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Exchange, FileCursor } from "../../core/transcript/model.ts";
import { readTranscript } from "../../core/transcript/tail.ts";
import { readAll, transcriptFile } from "../support/read-transcript.ts";
import { makeWorld, NOW } from "../support/services.ts";
import { Transcript } from "../support/transcript.ts";

type Json = Record<string, unknown>;

const ORIGIN = "0d6f1f6a-0000-4000-8000-000000000001";
const FORK = "0d6f1f6a-0000-4000-8000-000000000002";
const SECOND_FORK = "0d6f1f6a-0000-4000-8000-000000000003";

function talk(cwd = "/home/dev/auth"): Transcript {
  return new Transcript({ sessionId: ORIGIN, cwd, start: NOW - 3_600_000 });
}

function ask(t: Transcript, question: string, answer?: string, promptId = question): void {
  t.prompt(question, { promptId });
  if (answer !== undefined) t.answer(answer);
}

/** What the client writes into a copy whose last prompt has no answer. */
function noResponse(t: Transcript): void {
  const content = [{ type: "text", text: "No response requested." }];
  t.chain("assistant", { message: { id: "m", model: "<synthetic>", content } });
}

/**
 * `--fork-session` as Claude Code 2.1.330 does it: the copied prompts get the prompt id of the fork's
 * first own one, and only the model's rows say where they come from.
 */
function forked(from: Transcript, sessionId: string, promptId = sessionId): Transcript {
  return copied(from, sessionId, (row) =>
    row["type"] === "user" ? { ...row, promptId } : { requestSessionId: row["sessionId"], ...row },
  );
}

/** `/branch` as Claude Code 2.1.330 does it: all rows name the conversation they were copied from. */
function branched(from: Transcript, sessionId: string): Transcript {
  return copied(from, sessionId, (row) => ({
    ...(row["type"] === "user" ? {} : { requestSessionId: row["sessionId"] }),
    ...row,
    forkedFrom: { sessionId: row["sessionId"], messageUuid: row["uuid"] },
  }));
}

function copied(from: Transcript, sessionId: string, change: (row: Json) => Json): Transcript {
  const copy = new Transcript({ sessionId, cwd: from.cwd, start: NOW - 1_800_000 });
  for (const line of from.lines) copy.row({ ...change(JSON.parse(line)), sessionId });
  return copy;
}

/** Whose each prompt is, by its text. */
function owners(exchanges: readonly Exchange[]): Record<string, string> {
  return Object.fromEntries(
    exchanges.map(({ passages, sessionId }) => [passages[0]?.text ?? "", sessionId]),
  );
}

describe("a copied prompt without an answer", () => {
  test("belongs to the conversation that the exchange copied before it belongs to", () => {
    const origin = talk();
    ask(origin, "Answered", "Yes");
    ask(origin, "Unanswered");
    const fork = forked(origin, FORK);
    noResponse(fork);
    ask(fork, "Own", "Of course", FORK);
    ask(fork, "Own again", "Again");

    expect(owners(readAll(fork).exchanges)).toEqual({
      Answered: ORIGIN,
      Unanswered: ORIGIN,
      Own: FORK,
      "Own again": FORK,
    });
  });

  test("belongs there in a fork of a fork too", () => {
    const origin = talk();
    ask(origin, "Answered", "Yes");
    ask(origin, "Unanswered");
    const fork = forked(origin, FORK);
    noResponse(fork);
    ask(fork, "Own", "Of course", FORK);
    const whose = { Answered: ORIGIN, Unanswered: ORIGIN, Own: FORK, Last: SECOND_FORK };

    const second = forked(fork, SECOND_FORK);
    ask(second, "Last", "Indeed", SECOND_FORK);
    const branch = branched(fork, SECOND_FORK);
    ask(branch, "Last", "Indeed");

    expect(owners(readAll(second).exchanges)).toEqual(whose);
    expect(owners(readAll(branch).exchanges)).toEqual(whose);
  });

  test("belongs to the conversation that its own row names", () => {
    const origin = talk();
    ask(origin, "Unanswered");
    const branch = branched(origin, FORK);
    ask(branch, "Own");

    expect(owners(readAll(branch).exchanges)).toEqual({ Unanswered: ORIGIN, Own: FORK });
  });

  test("is left to its own file where nothing tells whose it is", () => {
    const origin = talk();
    ask(origin, "Unanswered");
    const fork = forked(origin, FORK);
    noResponse(fork);
    ask(fork, "Own", "Of course", FORK);

    expect(owners(readAll(fork).exchanges)).toEqual({ Own: FORK });
    expect(owners(readAll(origin).exchanges)).toEqual({ Unanswered: ORIGIN });
  });
});

test("a fork's own prompt that waits for its answer is its own", () => {
  const origin = talk();
  ask(origin, "Answered", "Yes");
  const fork = forked(origin, FORK);
  ask(fork, "Own", undefined, FORK);

  expect(owners(readAll(fork).exchanges)).toEqual({ Answered: ORIGIN, Own: FORK });
});

test("no prompt of a conversation that is no fork is left out, with or without an answer", () => {
  const t = talk();
  ask(t, "One", undefined, "same");
  ask(t, "Two", undefined, "same");
  noResponse(t);
  ask(t, "Three", undefined, "other");

  expect(owners(readAll(t).exchanges)).toEqual({ One: ORIGIN, Two: ORIGIN, Three: ORIGIN });
});

test("whose a prompt is does not depend on how the file was read", () => {
  const origin = talk();
  for (const each of ["A", "B", "C"]) ask(origin, each, "Yes");
  ask(origin, "Unanswered");
  ask(origin, "Unanswered too");
  const fork = forked(origin, FORK);
  noResponse(fork);
  ask(fork, "Own", "Of course", FORK);
  const bytes = Buffer.from(fork.text());

  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 4 }), (cuts) => {
      const path = transcriptFile("");
      const held = new Map<string, Exchange>();
      let cursor: FileCursor | undefined;
      let from = 0;
      for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        appendFileSync(path, bytes.subarray(from, end));
        from = end;
        const pass = readTranscript({
          file: path,
          cursor,
          onExchange: (exchange) => held.set(exchange.id, exchange),
        });
        if (pass.kind === "read") cursor = JSON.parse(JSON.stringify(pass.cursor));
      }

      expect(owners([...held.values()])).toEqual(owners(readAll(fork).exchanges));
    }),
  );
});

test.each([
  ["the fork first", [1, 0]],
  ["the original first", [0, 1]],
])("each conversation has its own prompts, read with %s", (_case, order) => {
  using world = makeWorld();
  const answered = talk(world.home);
  ask(answered, "What bounds the retries?", "A budget.");
  ask(answered, "And the backoff of the wombat?");
  const fork = forked(answered, FORK);
  noResponse(fork);
  ask(fork, "What bounds the queue?", "Its length.", FORK);
  const files = [answered, fork];

  for (const which of order) {
    files[which]?.writeTo(join(world.claude, "projects"));
    world.services.ingest.run({ kind: "all" });
  }

  const { hits } = world.services.search.search({ query: "wombat", limit: 5, maxTokens: 2_000 });
  expect(hits).toMatchObject([{ session_id: ORIGIN }]);
});

test("a conversation with nothing but an unanswered prompt keeps it, read after its fork", () => {
  using world = makeWorld();
  const origin = talk(world.home);
  ask(origin, "Why does the wombat dig?");
  const fork = forked(origin, FORK);
  noResponse(fork);
  ask(fork, "What bounds the queue?", "Its length.", FORK);

  for (const file of [fork, origin]) {
    file.writeTo(join(world.claude, "projects"));
    world.services.ingest.run({ kind: "all" });
  }

  const { hits } = world.services.search.search({ query: "wombat", limit: 5, maxTokens: 2_000 });
  expect(hits).toMatchObject([{ session_id: ORIGIN }]);
});
