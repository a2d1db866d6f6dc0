import { SbError } from "../core/kernel/errors.ts";
import type { Io } from "./io.ts";

/**
 * Whether the person agrees to what cannot be undone: by `--yes`, or by typing `y`.
 * @throws SbError `invalid_input` where nobody can be asked.
 */
export async function confirm(
  what: string,
  { yes, io }: { yes: boolean; io: Pick<Io, "canAsk" | "err" | "readLine"> },
): Promise<boolean> {
  if (yes) return true;
  if (!io.canAsk) {
    throw new SbError("invalid_input", "this cannot be undone, and nobody can be asked here", {
      hint: "add --yes to do it all the same",
    });
  }
  io.err(`${what} This cannot be undone. Go on? [y/N] `);
  const answer = await io.readLine();
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
