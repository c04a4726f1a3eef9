/** The line that is always in view: which numbers to call, as links. */
import { h } from "./dom.js";

/** Shown before the desk has said which numbers hold here; every one of them, as the place is not known. */
export const ALL_NUMBERS = ["911", "999", "112", "000"].map((number) => ({ number, label: number, href: `tel:${number}` }));

/**
 * Turns each number that a sentence names into a link to call it; numbers that it does not name follow at the end.
 *
 * @param {string} sentence
 * @param {{number: string, label: string, href: string}[]} numbers
 * @returns {(string|{number: string, label: string, href: string})[]} Text and numbers in reading order.
 */
export function splitNumbers(sentence, numbers) {
  let parts = [sentence];
  const unnamed = [];
  for (const entry of [...numbers].sort((a, b) => b.number.length - a.number.length)) {
    const at = parts.findIndex((part) => typeof part === "string" && part.includes(entry.number));
    if (at < 0) unnamed.push(entry);
    else {
      const index = parts[at].indexOf(entry.number);
      parts.splice(at, 1, parts[at].slice(0, index), entry, parts[at].slice(index + entry.number.length));
    }
  }
  for (const entry of unnamed) parts.push(" ", { ...entry, spelled: true });
  return parts.filter((part) => part !== "");
}

const number = (entry) => h("a", { href: entry.href }, entry.spelled ? entry.label : entry.number);

/** @returns {Node[]} The sentence with its numbers as links. */
export function emergencyLine(config, t) {
  const known = config?.emergency_numbers?.filter(({ href }) => /^tel:/.test(href));
  const parts = known?.length ? splitNumbers(config.emergency_line, known) : splitNumbers(t("emergency"), ALL_NUMBERS);
  return parts.map((part) => (typeof part === "string" ? part : number(part)));
}

/** @returns {HTMLElement} The numbers as buttons, for beside a message that could not be sent. */
export function callButtons(config, t) {
  const known = config?.emergency_numbers?.length ? config.emergency_numbers : ALL_NUMBERS;
  return h("div", { class: "calls", role: "group", "aria-label": t("emergencyLabel") },
    ...known.map((entry) => h("a", { href: entry.href }, entry.label)));
}
