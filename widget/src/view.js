/** Draws the chat. Builds its frame once; afterwards only adds to the log and changes what an event has changed. */
import { bubble, showBubbleState } from "./bubble.js";
import { h, setText } from "./dom.js";
import { emergencyLine } from "./emergency.js";
import { link, renderMarkdown } from "./markdown.js";
import { choiceList, messageView } from "./message_view.js";
import { hasAlarm } from "./state.js";
import { optionsSheet, personSheet, receiptSheet, removeSheet } from "./sheets.js";
import { standingText } from "./standing.js";

const SHEETS = { person: personSheet, options: optionsSheet, remove: removeSheet, receipt: receiptSheet };
const COUNT_FROM = 0.8;
const AT_END_PX = 60;
const QUIET_AFTER_RESTORE_MS = 600;

export class View {
  /**
   * @param {object} options
   * @param {(key: string, vars?: object) => any} options.t
   * @param {string} options.lang
   * @param {boolean} options.page The chat is a page of its own: no launcher, nothing to close.
   * @param {Record<string, Function>} options.act What the patient can do; see element.js.
   */
  constructor({ t, lang, page, act }) {
    Object.assign(this, { t, lang, page, act });
    // Headings inside the chat stand one step below its title.
    this.sub = page ? "h2" : "h3";
    this.drawn = new Map();
    this.bubbles = new Map();
    this.choices = [];
    this.node = h("div", { class: "root", lang: "en", dir: "ltr" }, ...this.#frame());
  }

  #frame() {
    const { t, act, page } = this;
    const button = (key, onclick, props = {}) => h("button", { type: "button", onclick, ...props }, t(key));
    this.count = h("span", { class: "count", hidden: true });
    this.launcher = h("button", {
      type: "button", class: "launcher", "aria-expanded": "false", "aria-haspopup": "dialog", "aria-controls": "panel", onclick: () => act.toggle(),
    }, t("launcher"), h("span", { class: "vh" }), this.count);
    this.title = h(page ? "h1" : "h2", { id: "title" }, t("title"));
    this.clinic = h("p", { hidden: true });
    this.emergency = h("p", { class: "sos" }, ...emergencyLine(null, t));
    this.notice = h("p", { class: "notice", hidden: true });
    this.strip = h("div", { class: "strip standing", hidden: true });
    this.problem = h("div", { class: "strip bad", role: "alert", hidden: true });
    this.status = h("p", { class: "vh", role: "status" });
    this.sheet = h("section", { class: "sheet", "aria-labelledby": "sheet-title", hidden: true });
    this.optionsButton = button("options", () => act.sheet("options"), { class: "plain" });
    this.panel = h("section", { class: "panel", id: "panel", role: page ? "region" : "dialog", "aria-labelledby": "title", hidden: true },
      h("div", { class: "head" }, h("div", { class: "names" }, this.title, this.clinic), this.optionsButton,
        !page && button("closeShort", () => act.close(), { class: "plain", "aria-label": t("close") })),
      this.emergency, this.notice, this.strip, this.problem, this.status, this.sheet, this.#body(), this.#composer());
    return page ? [this.panel] : [this.launcher, this.panel];
  }

  #body() {
    const { t } = this;
    this.intro = h("div", { class: "intro" });
    this.log = h("div", { class: "log", role: "log", "aria-label": t("log") });
    this.typing = h("p", { class: "typing", "aria-hidden": "true", hidden: true });
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("log"), onscroll: () => this.#atEnd() && (this.newer.hidden = true) },
      this.intro, this.log, this.typing);
    this.newer = h("button", { type: "button", class: "newer main", hidden: true, onclick: () => this.#toEnd() }, t("newMessage"));
    this.body = h("div", { class: "body" }, this.scroll, this.newer);
    return this.body;
  }

  #composer() {
    const { t, act } = this;
    this.field = h("textarea", { id: "field", rows: "1", placeholder: t("placeholder"), autocomplete: "off", "aria-describedby": "hint left", enterkeyhint: "send" });
    this.hint = h("p", { class: "hint", id: "hint", hidden: true });
    this.left = h("p", { class: "hint", id: "left", hidden: true });
    this.person = h("button", { type: "button", class: "person", onclick: () => act.person(this.person) }, t("person"));
    this.field.addEventListener("input", () => act.typed(this.field.value));
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      act.submit(this.field.value);
    });
    for (const name of ["drop", "paste"]) {
      this.field.addEventListener(name, (event) => {
        if (!(event.dataTransfer || event.clipboardData)?.files.length) return;
        event.preventDefault();
        this.say(t("noFiles"), true);
      });
    }
    this.composer = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); act.submit(this.field.value); } },
      this.hint, this.left,
      h("label", { class: "vh", for: "field" }, t("field")),
      h("div", { class: "row" }, this.field, h("button", { type: "submit", class: "main" }, t("send"))),
      h("div", { class: "foot" }, this.person));
    return this.composer;
  }

  /** @param {string} text Said once to a screen reader; with `loud`, also shown, as an alert. */
  say(text, loud = false) {
    if (loud) {
      this.problem.hidden = !text;
      setText(this.problem, text);
    } else setText(this.status, text);
  }

  /** Opens a sheet by name, or with null goes back to the conversation. Focus goes to its heading. */
  showSheet(name, state, detail) {
    this.sheetName = name;
    this.sheet.hidden = !name;
    this.body.hidden = this.composer.hidden = !!name;
    this.sheet.replaceChildren();
    if (!name) return this.settleScroll(state);
    this.sheet.append(...SHEETS[name]({ t: this.t, state, act: this.act, detail }).filter(Boolean));
    const title = this.sheet.querySelector("h2");
    title.id = "sheet-title";
    title.focus();
  }

  /** On a low screen (a zoomed page) what does not have to stay in view goes into the part that scrolls. */
  compact(low) {
    if (this.low === low) return;
    this.low = low;
    if (low) this.scroll.append(this.strip, this.problem, this.hint);
    else {
      this.emergency.after(this.notice, this.strip, this.problem);
      this.composer.prepend(this.hint);
    }
  }

  /** Empties the log: another chat begins. */
  clear() {
    this.drawn.clear();
    this.bubbles.clear();
    this.choices = [];
    this.log.replaceChildren();
  }

  /** @param {object} state @param {object} before The state that is drawn already. */
  update(state, before) {
    if (state.config !== before.config) this.#config(state);
    if (state.open !== before.open || state.unread !== before.unread) this.#launcher(state);
    if (state.restoring !== before.restoring) this.#hush(state.restoring);
    this.#standing(state, before);
    if (state.messages !== before.messages || state.outbox !== before.outbox || state.seenByStaff !== before.seenByStaff || state.cleared !== before.cleared) {
      this.#messages(state, before);
    }
    if (state.typing !== before.typing) this.#typing(state);
  }

  /** History is read where it stands, not announced; the browser looks at the log only some time after it was filled. */
  #hush(restoring) {
    clearTimeout(this.hushTimer);
    if (restoring) this.log.setAttribute("aria-live", "off");
    else this.hushTimer = setTimeout(() => this.log.setAttribute("aria-live", "polite"), QUIET_AFTER_RESTORE_MS);
  }

  #config({ config }) {
    const { t } = this;
    setText(this.clinic, config.clinic.name);
    this.clinic.hidden = false;
    this.emergency.replaceChildren(...emergencyLine(config, t));
    this.notice.hidden = !config.notice;
    setText(this.notice, config.notice || "");
    this.introduce(
      h("p", {}, config.consent.text),
      config.privacy_url ? h("p", {}, link(config.privacy_url, t("privacy"), t)) : "",
      config.notice ? h("p", { class: "meta short" }, config.notice) : "");
  }

  /** Who you talk to and what for: true before the desk has answered; `more` is what it adds. */
  introduce(...more) {
    this.intro.replaceChildren(h(this.sub, { class: "sub" }, this.t("introTitle")),
      h("ul", {}, ...this.t("intro").map((line) => h("li", {}, ...renderMarkdown(line, this.t)))), ...more);
  }

  #launcher({ open, unread }) {
    this.launcher.setAttribute("aria-expanded", String(open));
    this.panel.hidden = !open;
    this.count.hidden = !unread;
    this.count.setAttribute("aria-hidden", "true");
    setText(this.count, unread ? String(unread) : "");
    const words = unread === 1 ? this.t("unreadOne") : this.t("unreadMany", { n: unread });
    setText(this.launcher.querySelector(".vh"), unread ? ` (${words})` : "");
  }

  #sender(message) {
    const { t } = this;
    if (message.author === "staff") return message.author_name ? `${message.author_name}, ${t("staff").toLowerCase()}` : t("staff");
    return t({ patient: "you", assistant: "assistant", system: "system" }[message.author] || "assistant");
  }

  #messages(state, before) {
    const atEnd = this.#atEnd();
    const heard = document.activeElement && this.node.getRootNode().activeElement;
    let previous = null;
    let newest = null;
    for (const message of state.messages) {
      const key = message.seq > 0 ? message.seq : message;
      let node = this.drawn.get(key);
      if (!node) {
        node = this.#draw(message, state, previous);
        this.drawn.set(key, node);
        newest = message.author === "patient" ? newest : node;
      } else if (!before.messages.includes(message)) this.#redraw(node, message);
      if (message.author === "patient") showBubbleState(node, { state: message.seq <= state.seenByStaff ? "seen" : "sent" }, this);
      if (state.cleared.includes(message.seq)) this.#cleared(node);
      previous = node;
    }
    for (const item of state.outbox) {
      if (!this.bubbles.has(item.id)) this.#place(this.#newBubble(item), null, true);
      showBubbleState(this.bubbles.get(item.id), item, this, state.config);
    }
    for (const [id, node] of this.bubbles) {
      if (state.outbox.some((item) => item.id === id) || [...this.drawn.values()].includes(node)) continue;
      node.remove();
      this.bubbles.delete(id);
    }
    this.#settleChoices(state);
    this.node.classList.toggle("alarm", hasAlarm(state));
    this.#follow(atEnd, newest, state, before);
    // A bubble's button may go while it holds focus: the field is the place to go on.
    if (heard && !heard.isConnected) this.field.focus();
  }

  #place(node, previous, last) {
    if (previous) previous.after(node);
    else if (last) this.log.append(node);
    else this.log.prepend(node);
  }

  #draw(message, state, previous) {
    if (message.author === "patient") {
      const waiting = this.bubbles.get(message.client_message_id);
      const node = waiting || this.#newBubble({ id: message.client_message_id, text: message.text });
      if (waiting) this.#redraw(node, message);
      else this.#place(node, previous, false);
      return node;
    }
    const node = messageView(message, {
      t: this.t, lang: this.lang, sub: this.sub, live: !state.restoring, sender: this.#sender(message), act: this.act,
    });
    if (message.lang && message.lang !== this.lang) node.setAttribute("lang", message.lang);
    if (message.dir) node.setAttribute("dir", message.dir);
    if (message.choices.length) {
      const list = choiceList(message.choices, this);
      node.append(list.node);
      this.choices.push({ ...list, message });
    }
    this.#place(node, previous, false);
    return node;
  }

  /** The stored words may differ from the typed ones: the desk masks what should not have been sent. */
  #redraw(node, message) {
    const words = node.querySelector(".words");
    if (message.author === "patient" && words) setText(words, message.text);
    for (const id of message.withdrawn || []) {
      const answer = node.querySelector(`[data-answer="${CSS.escape(id)}"]:not([data-withdrawn])`);
      if (!answer) continue;
      answer.setAttribute("data-withdrawn", "");
      answer.replaceChildren(answer.firstChild, h("p", { class: "bad-text" }, this.t("withdrawn")));
      this.say(this.t("withdrawn"));
    }
  }

  #newBubble(item) {
    const node = bubble(item, this);
    if (item.id) this.bubbles.set(item.id, node);
    return node;
  }

  #cleared(node) {
    if (node.classList.contains("done")) return;
    node.classList.add("done");
    for (const button of node.querySelectorAll(".acts button")) button.remove();
    node.append(h("p", { class: "meta" }, this.t("cleared")));
  }

  #settleChoices({ messages, outbox }) {
    const lastOwn = Math.max(0, ...messages.filter((m) => m.author === "patient").map((m) => m.seq));
    this.choices = this.choices.filter((list) => {
      const chosen = outbox.find((item) => list.message.choices.some((choice) => choice.choice_id === item.choice));
      if (!chosen && !outbox.length && list.message.seq > lastOwn) return true;
      list.settle(chosen?.choice);
      return false;
    });
  }

  #atEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < AT_END_PX;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.newer.hidden = true;
    this.field.focus();
  }

  /** Follows only a reader who is at the end, and shows a long answer from its beginning. Scrolls the log, never the page. */
  #follow(atEnd, newest, state, before) {
    if (!state.open || (!state.outbox.length && !state.messages.some((message) => message.author === "patient"))) return;
    const own = state.outbox.length > before.outbox.length;
    if (!atEnd && !own && !state.restoring) {
      if (newest) this.newer.hidden = false;
      return;
    }
    this.scroll.scrollTop = this.scroll.scrollHeight;
    if (newest && !state.restoring && newest.offsetHeight > this.scroll.clientHeight) {
      this.scroll.scrollTop += newest.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top - 12;
    }
  }

  /** Brings the end of the talk into view when the panel opens; the first view begins at its top. */
  settleScroll(state) {
    this.scroll.scrollTop = state.messages.some((m) => m.author === "patient") || state.outbox.length ? this.scroll.scrollHeight : 0;
  }

  #standing(state, before) {
    const { t } = this;
    const text = standingText(state, t);
    this.strip.classList.toggle("bad", state.connection === "retrying");
    if (this.stripText !== text || state.closesAt !== before.closesAt) {
      this.stripText = text;
      this.strip.hidden = !text;
      this.strip.replaceChildren(text);
      const back = state.status === "assistant" && before.status === "with_staff" ? t("assistantBack") : "";
      const online = state.connection === "open" && before.connection === "retrying" ? t("online") : "";
      if (state.open) this.say(text || back || online);
    }
    const readable = state.status === "with_staff" || (state.status === "waiting_for_staff" && state.shared);
    this.hint.hidden = !readable;
    setText(this.hint, readable ? t("readable") : "");
    this.person.hidden = state.status === "with_staff" || state.status === "waiting_for_staff";
    for (const button of this.log.querySelectorAll(".ask")) button.hidden = this.person.hidden;
  }

  #typing({ typing, staffName, open }) {
    const text = typing === "staff" ? this.t("typingStaff", { name: staffName || this.t("staff") }) : typing ? this.t("typingAssistant") : "";
    const atEnd = this.#atEnd();
    this.typing.hidden = !typing;
    setText(this.typing, text);
    if (open) this.say(text);
    if (typing && atEnd) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  /** @param {string} text @param {number} limit Counted in code points, as the desk counts. */
  counted(text, limit) {
    const used = [...text].length;
    const shown = limit > 0 && used >= limit * COUNT_FROM;
    this.left.hidden = !shown;
    this.left.classList.toggle("bad", used > limit);
    const words = used > limit ? this.t("tooLong", { n: used - limit }) : this.t("left", { n: limit - used });
    setText(this.left, shown ? words : "");
    const step = !shown ? 0 : used >= limit ? 2 : used >= limit * 0.9 ? 1 : 0;
    if (step && step !== this.countStep) this.say(words);
    this.countStep = step;
  }

  /** Shows how long the chat stays open, with a way to keep it (WCAG 2.2.1). */
  closing(time, onStay) {
    this.strip.hidden = false;
    this.strip.replaceChildren(`${this.t("closesAt", { time })} `, h("button", { type: "button", onclick: onStay }, this.t("stay")));
    this.say(this.t("closesAt", { time }));
  }
}
