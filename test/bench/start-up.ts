import { atMost, type GroupReport, milliseconds, times, told } from "./figure.ts";
import { inTurn, median, type Program, p95, run } from "./measure.ts";
import { type Place, STORE_DOCUMENTS } from "./place.ts";

const ROUNDS = 30;

/** Wall time of commands that are run often, against a compiled program that prints one word. */
export async function startUp(place: Place): Promise<GroupReport> {
  const store = await place.store();
  const hello: Program = {
    command: [await place.compile("hello")],
    cwd: place.folder,
    env: place.env(store),
  };
  const version = place.program(["--version"], store);
  const status = place.program(["status", "--json"], store);
  const timed = (program: Program) => async () => (await run(program)).wallMs;
  const [base = [], versions = [], statuses = []] = await inTurn(ROUNDS, [
    timed(hello),
    timed(version),
    timed(status),
  ]);
  const against = (values: readonly number[]) => median(values) / median(base);
  const spread = (values: readonly number[]) =>
    `${milliseconds(median(values))}, p95 ${milliseconds(p95(values))}`;
  return {
    group: "start-up",
    notes: [
      `medians of ${ROUNDS} runs each, in turn; store of ${STORE_DOCUMENTS} documents`,
      "hello: one line printed by a binary of the same Bun and the same build settings",
    ],
    figures: [
      told("hello", spread(base)),
      told("sb --version", spread(versions)),
      told("sb status --json", spread(statuses)),
      atMost("sb --version / hello", { value: against(versions), bar: 1.3 }, times),
      atMost("sb status --json / hello", { value: against(statuses), bar: 2.5 }, times),
    ],
  };
}
