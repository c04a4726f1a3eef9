/** How long to wait before the next try of a connection. */

export const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 30_000;

/**
 * Doubles from half a second to half a minute. Half of each wait is random, so that many pages that lost one server
 * do not all come back in the same instant.
 *
 * @param {number} attempt Failures in a row so far, from 0.
 * @param {() => number} [random] In [0, 1).
 * @returns {number} Milliseconds.
 */
export function waitBeforeRetry(attempt, random = Math.random) {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}
