import { SbError } from "../core/kernel/errors.ts";
import type { Io } from "./io.ts";

/**
 * Whether the person agrees to what cannot be undone, or reaches beyond `sb`: by `--yes`, or by typing `y`.
 * @throws SbError `invalid_input` where nobody can be asked.
 */
export async function confirm(
  what: string,
  {
    yes,
    io,
    isLasting = true,
  }: { yes: boolean; io: Pick<Io, "canAsk" | "err" | "readLine">; isLasting?: boolean },
): Promise<boolean> {
  if (yes) return true;
  if (!io.canAsk) {
    const why = isLasting ? "this cannot be undone" : "this needs a yes";
    throw new SbError("invalid_input", `${why}, and nobody can be asked here`, {
      hint: "add --yes to do it all the same",
    });
  }
  io.err(`${what}${isLasting ? " This cannot be undone." : ""} Go on? [y/N] `);
  const answer = await io.readLine();
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
