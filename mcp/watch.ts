/** How often the parent is looked at: twice within the two seconds a server may outlive it. */
const LOOK_EVERY_MS = 900;

/** The process that started this one, watched from now on. */
export interface ParentWatch {
  /** Whether it still runs. */
  isAlive(): boolean;
  stop(): void;
}

/**
 * Calls `onDeath` once the parent has died: the kernel then gives the process another parent.
 * Needed where the parent is killed while someone else holds the pipe open, so that no end of
 * input comes. `parentPid` must ask the operating system each time.
 */
export function watchParent(parentPid: () => number, onDeath: () => void): ParentWatch {
  const parent = parentPid();
  const isAlive = () => parentPid() === parent;
  const timer = setInterval(() => {
    if (isAlive()) return;
    clearInterval(timer);
    onDeath();
  }, LOOK_EVERY_MS);
  timer.unref();
  return { isAlive, stop: () => clearInterval(timer) };
}
