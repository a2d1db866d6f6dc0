// The least that a compiled program can do, and the fastest way to do it: what start-up is compared
// with. `process.stdout` alone would take twice the time of this whole program.
await Bun.write(Bun.stdout, "hello\n");
