import { until } from "./check.ts";

/** The client's terminal UI in a tmux session: what a person at the keyboard has. */
export interface Terminal {
  /** The visible screen and what scrolled off it, without the space at the ends of lines. */
  screen(): string;
  /** Types one line, sends it and waits until the screen shows `answer`. */
  enter(line: string, answer: string | RegExp): Promise<void>;
  /** Leaves with `/exit` and waits for the end of the client. */
  exit(): Promise<void>;
}

export interface Tmux {
  /** Runs `command` in `cwd` until its prompt is there; answers the question of trust with yes. */
  open(command: readonly string[], cwd: string): Promise<Terminal>;
  /** Ends the server and so every session in it. */
  close(): void;
}

/** An empty line after the prompt sign: the client waits for input. */
const PROMPT = /^❯$/m;
const TRUST_ANSWER = "Yes, I trust this folder";
const STANDSTILL_MS = 250;
/** As much of a typed line as fits on the screen unbroken. */
const ECHO_LENGTH = 60;

/**
 * A tmux server of its own on `socket`, with exactly `env`.
 *
 * @throws Error when tmux is missing and cannot be installed.
 */
export function startTmux(socket: string, env: Readonly<Record<string, string>>): Tmux {
  const path = tmuxPath();
  let sessions = 0;
  const tmux = (args: readonly string[], cwd = "/"): string => {
    const done = Bun.spawnSync([path, "-S", socket, "-f", "/dev/null", ...args], {
      cwd,
      env: { ...env },
    });
    if (done.exitCode !== 0) throw new Error(`tmux ${args[0]}: ${done.stderr.toString().trim()}`);
    return done.stdout.toString();
  };
  return {
    async open(command, cwd) {
      sessions += 1;
      const name = `client-${sessions}`;
      tmux(["new-session", "-d", "-s", name, "-x", "160", "-y", "50", "-c", cwd, ...command], cwd);
      const terminal = terminalOf(tmux, name);
      await untilReady(terminal, (key) => void tmux(["send-keys", "-t", name, key]));
      return terminal;
    },
    close() {
      Bun.spawnSync([path, "-S", socket, "kill-server"]);
    },
  };
}

function terminalOf(tmux: (args: readonly string[]) => string, name: string): Terminal {
  const alive = () => {
    try {
      tmux(["has-session", "-t", name]);
      return true;
    } catch {
      return false;
    }
  };
  const screen = () =>
    tmux(["capture-pane", "-p", "-J", "-S", "-500", "-t", name]).replace(/[ \u00a0]+$/gm, "");
  const type = async (line: string) => {
    tmux(["send-keys", "-t", name, "-l", line]);
    await shows(screen, line.slice(0, ECHO_LENGTH));
    tmux(["send-keys", "-t", name, "Enter"]);
  };
  return {
    screen,
    async enter(line, answer) {
      await type(line);
      await shows(screen, answer);
    },
    async exit() {
      await type("/exit");
      await until("the client to leave after /exit", () => (alive() ? undefined : true));
    },
  };
}

/**
 * The question of trust is drawn again once the project's files are read, with the first choice
 * marked anew, so a key is pressed only on a screen that has stood still.
 */
async function untilReady(terminal: Terminal, press: (key: string) => void): Promise<void> {
  let before = "";
  await until("the client's prompt", async () => {
    const screen = terminal.screen();
    if (PROMPT.test(screen)) return true;
    if (screen === before) {
      if (screen.includes("❯ No, exit")) press("Down");
      if (screen.includes(`❯ ${TRUST_ANSWER}`)) press("Enter");
    }
    before = screen;
    await Bun.sleep(STANDSTILL_MS);
    return undefined;
  });
}

async function shows(screen: () => string, expected: string | RegExp): Promise<void> {
  let last = "";
  const found = () => {
    last = screen();
    return typeof expected === "string" ? last.includes(expected) : expected.test(last);
  };
  try {
    await until(`the screen to show ${expected}`, () => (found() ? true : undefined));
  } catch (error) {
    throw new Error(`${String(error)}\n${last.trim()}`, { cause: error });
  }
}

/** tmux where it is, else from apt where this process may install, else a word to the user. */
function tmuxPath(): string {
  const found = Bun.which("tmux");
  if (found) return found;
  const apt = Bun.which("apt-get");
  if (apt && process.getuid?.() === 0) {
    process.stderr.write("installing tmux with apt-get\n");
    Bun.spawnSync([apt, "install", "--yes", "tmux"], { stdin: "ignore", stderr: "inherit" });
  }
  const installed = Bun.which("tmux");
  if (!installed) throw new Error("tmux is needed for interactive runs: install it and try again");
  return installed;
}
