/** What one scenario expected and did not see; an empty list is a pass. */
export interface Check {
  readonly failures: readonly string[];
  /** Compares by JSON, so shapes from outside can be compared whole. */
  equal(what: string, saw: unknown, expected: unknown): void;
  /** `expected` says in words what `saw` should have been. */
  that(
    what: string,
    holds: boolean,
    told: { readonly expected: string; readonly saw: unknown },
  ): void;
}

/** Longest text of a seen value in a failure, in characters: enough to recognise an answer. */
const SEEN_LIMIT = 1_500;

/** Collects failures instead of throwing, so that one scenario reports everything it found. */
export function newCheck(): Check {
  const failures: string[] = [];
  const that: Check["that"] = (what, holds, { expected, saw }) => {
    if (!holds) failures.push(`${what}\n  expected: ${expected}\n  saw:      ${shown(saw)}`);
  };
  return {
    failures,
    that,
    equal(what, saw, expected) {
      that(what, JSON.stringify(saw) === JSON.stringify(expected), {
        expected: shown(expected),
        saw,
      });
    },
  };
}

/** How long a wait may take by default, in milliseconds; a start of the client takes about 800. */
const WAIT_LIMIT_MS = 20_000;
const PROBE_EVERY_MS = 50;

/**
 * Asks `probe` again and again until it gives a value.
 *
 * @throws Error naming `what` when `limitMs` is over.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  limitMs = WAIT_LIMIT_MS,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await Bun.sleep(PROBE_EVERY_MS);
  }
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
  return text.length > SEEN_LIMIT
    ? `${text.slice(0, SEEN_LIMIT)}… (${text.length} characters)`
    : text;
}
