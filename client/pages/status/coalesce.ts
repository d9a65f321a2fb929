/** Looking anew when something happened, without piling up. */

/**
 * Makes a function that runs `work`, one at a time; asked again meanwhile, once more after it.
 *
 * @param work - Must not reject.
 */
export function coalesce(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isWanted = false;
  const run = async (): Promise<void> => {
    do {
      isWanted = false;
      await work();
    } while (wanted());
    running = undefined;
  };
  // Told apart from the variable, which changes while `work` is awaited.
  const wanted = (): boolean => isWanted;
  return () => {
    isWanted = true;
    running ??= run();
    return running;
  };
}
