/** How often the parent is looked at: twice within the two seconds a server may outlive it. */
const LOOK_EVERY_MS = 900;

/**
 * Calls `onDeath` once the parent has died: the kernel then gives the process another parent.
 * Needed where the parent is killed while someone else holds the pipe open, so that no end of
 * input comes. `parentPid` must ask the operating system each time.
 *
 * @returns a function that stops looking.
 */
export function watchParent(parentPid: () => number, onDeath: () => void): () => void {
  const parent = parentPid();
  const timer = setInterval(() => {
    if (parentPid() === parent) return;
    clearInterval(timer);
    onDeath();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
