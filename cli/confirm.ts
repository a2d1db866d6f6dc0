import { SbError } from "../core/kernel/errors.ts";
import type { Invocation } from "./command.ts";

/**
 * Whether the person agrees to what cannot be undone: by `--yes`, or by typing `y`.
 * @throws SbError `invalid_input` where nobody can be asked.
 */
export async function confirm({ yes, host }: Invocation, what: string): Promise<boolean> {
  if (yes) return true;
  if (!host.io.canAsk) {
    throw new SbError("invalid_input", "this cannot be undone, and nobody can be asked here", {
      hint: "add --yes to do it all the same",
    });
  }
  host.io.err(`${what} This cannot be undone. Go on? [y/N] `);
  const answer = await host.io.readLine();
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
