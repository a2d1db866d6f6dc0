import { VERSION } from "../core/kernel/version.ts";

const argv = process.argv.slice(2);

// Scripts ask for the version often, and it needs nothing: not even the file system.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
  await Bun.write(Bun.stdout, `${VERSION}\n`);
} else if (!(await isStatusTold())) {
  const { runProcess } = await import("./process.ts");
  await runProcess(argv, VERSION);
}

/** Whether this was the line that status lines and scripts ask most, and is answered. */
async function isStatusTold(): Promise<boolean> {
  if (argv.length !== 2 || argv[0] !== "status" || argv[1] !== "--json") return false;
  const { printStatus } = await import("./quick-status.ts");
  return printStatus(VERSION, process.env);
}
