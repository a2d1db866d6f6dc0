import { SbError } from "../../core/kernel/errors.ts";
import type { Invocation } from "../command.ts";

/** `sb pause`: nothing of the project is recorded or recalled until `sb unpause`. */
export const pause = (invocation: Invocation) => setPaused(invocation, true);

/** `sb unpause` */
export const unpause = (invocation: Invocation) => setPaused(invocation, false);

async function setPaused(invocation: Invocation, paused: boolean): Promise<undefined> {
  const { input, cwd, json, host } = invocation;
  const { all, project } = input;
  if (all === true && project !== undefined) {
    throw new SbError("invalid_input", "--all and --project exclude each other", {
      hint: "give one of them",
    });
  }
  const { project: projects } = await (await invocation.open("write")).services();
  const answer = projects.setPaused(all === true ? "*" : String(project ?? cwd), paused);
  const every = paused ? "every project" : "every project that is not paused by itself";
  const what = answer.project === "*" ? every : answer.project;
  const text = `${paused ? "Paused" : "Recording"}: ${what}.\n`;
  host.io.out(json ? `${JSON.stringify(answer)}\n` : text);
  return undefined;
}
