import { VERSION } from "../core/kernel/version.ts";

const argv = process.argv.slice(2);

// Scripts ask for the version often, and it needs nothing: not even the file system.
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
  await Bun.write(Bun.stdout, `${VERSION}\n`);
} else {
  const { runProcess } = await import("./process.ts");
  await runProcess(argv, VERSION);
}
