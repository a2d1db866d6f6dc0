import { join } from "node:path";
import { resolvePaths } from "../../core/kernel/paths.ts";
import { serveStdio } from "../../mcp/stdio.ts";
import type { Invocation } from "../command.ts";
import { configuration, profileOf } from "../config-files.ts";

/** `sb mcp`: serves the tools until the client goes; standard output holds protocol only. */
export async function serve(invocation: Invocation): Promise<undefined> {
  const { host, cwd, input } = invocation;
  const { env, control } = host;
  const config = (await configuration(env, cwd))();
  await serveStdio({
    // The parent is the client. CLAUDE_PID could be that of a Claude Code around this one.
    async open(log) {
      const own = { ...env, CLAUDE_PID: undefined };
      const { services, close } = await host.open({
        purpose: "write",
        cwd,
        env: own,
        log,
        follows: true,
      });
      return { services: await services(), close };
    },
    profile: profileOf(invocation, config),
    faults: config.faults,
    log: host.log,
    logFile:
      input["debug"] === true
        ? join(resolvePaths(env).logs, `session-buddy-${control.pid}.log`)
        : undefined,
    stdin: control.stdin,
    stdout: control.stdout,
    signals: (handler) => control.signals(handler),
    parentPid: () => control.parentPid(),
    exit: (code) => control.exit(code),
  });
  return undefined;
}
