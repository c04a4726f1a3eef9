/** Who has the chat now, in words: the line under the emergency numbers. */

function waitingLines({ position, expected, available }, t) {
  return [
    t("waiting"),
    position && t("position", { n: position }),
    // The clinic's own sentence stands as it is; a bare time gets words around it.
    expected && (/[.!]$/.test(expected) ? expected : t("expected", { when: expected })),
    available === false && t("nobody"),
  ];
}

/**
 * @param {object} state
 * @param {(key: string, vars?: object) => string} t
 * @returns {string} Empty while the assistant has the chat and the connection holds.
 */
export function standingText(state, t) {
  const lines = {
    waiting_for_staff: () => waitingLines(state, t),
    with_staff: () => [t("withStaff", { name: state.staffName || t("staff") })],
    closed: () => [t("closed")],
  }[state.status]?.() || [];
  if (state.connection === "retrying") lines.push(t("offline"));
  return lines.filter(Boolean).join(" ");
}
