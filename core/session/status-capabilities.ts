import * as z from "zod/mini";
import { defineCapability } from "../capability.ts";
import { workingDirectory } from "../kernel/working-directory.ts";
import { StatusShape } from "./session-shapes.ts";
import { statusOf } from "./status.ts";

export const status = defineCapability({
  effect: "read",
  input: z.object({ working_directory: z.optional(workingDirectory) }),
  output: StatusShape,
  run: ({ ports }, { working_directory }) => statusOf(ports, working_directory),
});
