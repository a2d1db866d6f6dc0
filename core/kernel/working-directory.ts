import * as z from "zod/mini";

/** Input that `status` has, too. */
export const workingDirectory = z.string().check(
  z.minLength(1),
  z.maxLength(4096),
  z.refine((path) => !path.includes("\0"), "no path holds a NUL character"),
  z.describe("Project folder; default: the current one"),
);
