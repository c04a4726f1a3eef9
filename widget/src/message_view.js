/** Draws one message of the desk: an answer with everything that belongs to it, a safety card, or plain lines. */
import { h } from "./dom.js";
import { link, renderMarkdown, safeHref } from "./markdown.js";
import { CARD_KINDS, leadOf } from "./state.js";

const PERSON_KINDS = ["clinician", "fallback", "handoff", "out_of_scope"];
const CONFIRM_AFTER_MS = 600;
const CONFIRM_WITHIN_MS = 15_000;

/** @param {string} iso A day. @param {string} lang @returns {string} In words; as it came if it is not a day. */
export function dayInWords(iso, lang) {
  const day = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(day.getTime()) ? String(iso) : day.toLocaleDateString(lang, { dateStyle: "long", timeZone: "UTC" });
}

const details = (summary, ...children) => h("details", {}, h("summary", {}, summary), h("div", {}, ...children));

function caveatList(caveats, { t }) {
  return caveats.length > 0
    && h("ul", { class: "caveats", "aria-label": t("caveats") }, ...caveats.map(({ text }) => h("li", {}, ...renderMarkdown(text, t))));
}

const byPlace = (caveats) => [caveats.filter((one) => one.position === "above"), caveats.filter((one) => one.position !== "above")];

function moreButton(more, { t }) {
  if (!more) return [];
  const text = h("div", { class: "text", hidden: true }, ...renderMarkdown(more, t));
  const button = h("button", {
    type: "button", "aria-expanded": "false",
    onclick() {
      text.hidden = !text.hidden;
      button.setAttribute("aria-expanded", String(!text.hidden));
      button.textContent = t(text.hidden ? "more" : "less");
    },
  }, t("more"));
  return [h("div", {}, button), text];
}

function sourceList(sources, { t, lang }) {
  if (!sources.length) return null;
  const names = [...new Set(sources.map((source) => source.organisation))].join(", ");
  return details(`${t("sources")}: ${names}`, h("ul", {}, ...sources.map((source) => h("li", {},
    link(source.url, source.title, t),
    ` – ${source.organisation}${source.year ? `, ${source.year}` : ""}, ${t("readOn", { day: dayInWords(source.accessed, lang) })}`))));
}

function standing(answer, { t, lang }) {
  const lines = [t(answer.signed_off ? "signedOff" : "notSignedOff")];
  if (answer.checked_on) lines.push(t("checkedOn", { day: dayInWords(answer.checked_on, lang) }));
  if (answer.overdue_since) lines.push(t("overdue", { day: dayInWords(answer.overdue_since, lang) }));
  return h("p", { class: "meta" }, lines.join(" "));
}

function answerView(answer, ctx) {
  const { t } = ctx;
  const { evidence } = answer;
  const [above, below] = byPlace(answer.caveats.filter(({ caveat_id: id }) => !ctx.said.includes(id)));
  return h("div", { class: "answer", "data-answer": answer.answer_id },
    h(ctx.sub, { class: "sub" }, answer.title),
    caveatList(above, ctx),
    h("div", { class: "text" }, ...renderMarkdown(answer.short, t)),
    ...moreButton(answer.more, ctx),
    evidence && h("div", { class: "evidence" },
      h("p", {}, `${t("evidence")} `, h("strong", {}, evidence.label)),
      evidence.meaning && details(t("evidenceHelp"), h("p", {}, evidence.meaning))),
    caveatList(below, ctx),
    sourceList(answer.sources, ctx),
    answer.glossary.length > 0 && details(t("glossary"),
      h("dl", {}, ...answer.glossary.flatMap(({ term, text }) => [h("dt", {}, term), h("dd", {}, text)]))),
    standing(answer, ctx));
}

/** Two presses, the second not by accident: the first one only arms the button. */
function clearButton(message, action, { t, act }) {
  let armedAt = 0;
  const button = h("button", {
    type: "button",
    onclick() {
      const now = Date.now();
      if (!armedAt || now - armedAt > CONFIRM_WITHIN_MS) {
        armedAt = now;
        button.textContent = t("clearConfirm");
        act.say(t("clearConfirm"));
      } else if (now - armedAt > CONFIRM_AFTER_MS) act.clear(message);
    },
  }, action.label);
  return button;
}

function actionView(message, action, ctx) {
  const href = safeHref(action.href);
  if (action.type === "clear") return clearButton(message, action, ctx);
  if (action.type === "safe_exit") {
    return h("button", { type: "button", onclick: () => ctx.act.exit(href) }, action.label);
  }
  if (!href) return null;
  const made = link(href, action.label, ctx.t);
  made.className = action.type === "call" ? "call" : "call other";
  return made;
}

function acts(message, actions, ctx) {
  return actions.length > 0 && h("div", { class: "acts" }, ...actions.map((action) => actionView(message, action, ctx)));
}

function cardView(message, ctx) {
  // The numbers stand right under the first line, so that nobody has to scroll for them.
  const [first, ...rest] = renderMarkdown(message.text, ctx.t);
  // A card of an earlier visit is read where it stands; only a new one interrupts.
  return h("div", { class: `msg card ${message.kind}`, role: ctx.live ? "alert" : "group", "aria-label": ctx.t("card")[message.kind] },
    h("p", { class: "vh" }, `${ctx.sender}:`),
    h(ctx.sub, { class: "sub" }, ctx.t("card")[message.kind]),
    h("div", { class: "text" }, first),
    acts(message, message.actions.filter(({ type }) => type === "call"), ctx),
    rest.length > 0 && h("div", { class: "text" }, ...rest),
    acts(message, message.actions.filter(({ type }) => type !== "call"), ctx),
    caveatList(message.caveats, ctx));
}

function rating(message, { t, act }) {
  const box = h("div", { class: "rate", role: "group", "aria-label": t("helpful") });
  const rate = (helpful) => async () => {
    if (await act.rate(message.seq, helpful)) box.replaceChildren(h("p", { class: "meta", tabindex: "-1" }, t("thanks")));
    box.firstChild.focus();
  };
  box.append(h("span", {}, t("helpful")),
    h("button", { type: "button", onclick: rate(true) }, t("yes")),
    h("button", { type: "button", onclick: rate(false) }, t("no")));
  return box;
}

/**
 * @param {object} message As in contracts/message.json.
 * @param {object} ctx `t`, `lang`, `sub` (heading element), `live` (false while history is restored), `sender`, `act` (what a press does).
 * @returns {HTMLElement} A child for the log. Choices are drawn apart, by `choiceList`.
 */
export function messageView(message, ctx) {
  if (CARD_KINDS.includes(message.kind)) return cardView(message, ctx);
  const { t, act } = ctx;
  const lead = leadOf(message);
  const [above, below] = byPlace(message.caveats);
  // What the message says itself is not said again by its answers.
  const inner = { ...ctx, said: message.caveats.map(({ caveat_id: id }) => id) };
  const body = message.author === "staff" ? [h("p", { class: "words" }, message.text)] : renderMarkdown(lead, t);
  return h("div", { class: `msg ${message.author}` },
    h("p", { class: message.author === "system" ? "vh" : "from" }, ctx.sender, h("span", { class: "vh" }, ":")),
    h("div", { class: "bubble" },
      lead && h("div", { class: "text" }, ...body),
      caveatList(above, ctx),
      ...message.answers.map((answer) => answerView(answer, inner)),
      caveatList(below, ctx),
      acts(message, message.actions, ctx),
      message.answers.length > 0 && message.seq > 0 && rating(message, ctx),
      // The desk offers a person among the choices; a message without any gets the button all the same (S-15).
      PERSON_KINDS.includes(message.kind) && message.author === "assistant" && !message.choices.length && h("div", { class: "ask" },
        h("button", { type: "button", class: "person", onclick: (event) => act.person(event.currentTarget) }, t("person")))));
}

/**
 * Choices are buttons until one is used or the talk has moved on; after that they stay as text.
 *
 * @param {object[]} choices
 * @param {object} ctx
 * @returns {{node: HTMLElement, settle: (chosen?: string) => void}}
 */
export function choiceList(choices, { t, act }) {
  const node = h("ul", { class: "choices", "aria-label": t("choices") }, ...choices.map((choice) => h("li", {},
    h("button", { type: "button", onclick: () => act.choose(choice) }, choice.label))));
  const settle = (chosen) => {
    if (node.classList.contains("used")) return;
    node.classList.add("used");
    node.replaceChildren(...choices.map(({ choice_id: id, label }) => h("li", {}, id === chosen ? `${label} ${t("chosen")}` : label)));
  };
  return { node, settle };
}
