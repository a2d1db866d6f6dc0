import { findEntry } from "../../core/capabilities.ts";
import type { syncDependencies } from "../../core/project/toolchain/capabilities.ts";
import type { Services } from "../../core/services.ts";
import type { Invocation } from "../command.ts";
import { confirm } from "../confirm.ts";
import { EXIT_INTERRUPTED } from "../errors.ts";
import { render } from "../render/index.ts";
import type { OutputOf } from "../render/presenter.ts";

type Answer = OutputOf<typeof syncDependencies>;

/** Says what would run, asks unless that is trusted or needless, and runs it. */
export async function syncInDialog(invocation: Invocation): Promise<number | undefined> {
  const { io } = invocation.host;
  const services = await (await invocation.open("write")).services();
  const before = await call(services, { ...invocation.input, dry_run: true });
  const due = before.dependencies.filter(({ in_sync }) => in_sync !== true);
  if (invocation.input["dry_run"] === true) return show(invocation, before);
  if (due.length > 0 && !before.trusted) {
    const runs = due.map(({ command, root }) => `${command} in ${root}`).join("; ");
    const what = `This runs ${runs}, with what its packages run when they are installed.`;
    if (!(await confirm(what, { yes: invocation.yes, io, isLasting: false }))) {
      io.err("sb: cancelled, nothing was run\n");
      return EXIT_INTERRUPTED;
    }
  }
  return show(invocation, await call(services, { ...invocation.input, confirm: true }));
}

async function call(services: Services, input: object): Promise<Answer> {
  const capability = await findEntry("sync_dependencies")?.load();
  return (await capability?.call(services, input)) as Answer;
}

async function show({ json, host }: Invocation, answer: Answer): Promise<undefined> {
  host.io.out(
    json ? `${JSON.stringify(answer)}\n` : await render("sync_dependencies", answer, host.io),
  );
}
