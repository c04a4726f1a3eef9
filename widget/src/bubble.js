/** What the patient said, with how far it has come: sending, sent, seen, or not sent beside the numbers to call. */
import { h } from "./dom.js";
import { callButtons } from "./emergency.js";

/** @param {{text: string}} item Shown as it is, never as markup. */
export function bubble(item, { t }) {
  return h("div", { class: "msg mine" },
    h("p", { class: "vh" }, `${t("you")}:`),
    h("p", { class: "words", dir: "auto" }, item.text),
    h("div", { class: "state" }));
}

function wayOn(item, { t, act }) {
  if (item.state === "unsent") return h("button", { type: "button", onclick: () => act.retry(item) }, t("retry"));
  // A choice is not the patient's own text: there is nothing to change.
  return item.choice ? "" : h("button", { type: "button", onclick: () => act.edit(item) }, t("edit"));
}

/**
 * Shows the state of a bubble; does nothing if it is shown already, so that an alert is said once.
 *
 * @param {HTMLElement} node From `bubble`.
 * @param {{state: "sending"|"sent"|"seen"|"unsent"|"failed", help?: string}} item
 * @param {{t: Function, act: object}} view
 * @param {object|null} [config] For the numbers of the region.
 */
export function showBubbleState(node, item, { t, act }, config) {
  const mark = `${item.state}${item.help || ""}`;
  if (node.dataset.mark === mark) return;
  node.dataset.mark = mark;
  node.dataset.state = item.state;
  const box = node.querySelector(".state");
  if (item.state !== "unsent" && item.state !== "failed") {
    box.replaceChildren(t(item.state));
    return;
  }
  box.replaceChildren(
    h("div", { class: "unsent", role: "alert" },
      h("p", {}, t(item.state)), item.help && h("p", {}, item.help), h("p", {}, t("unsentHelp")), callButtons(config, t)),
    wayOn(item, { t, act }));
}
