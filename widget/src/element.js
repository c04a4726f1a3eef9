/** `<ask-immune>`: puts the state, the transport and the view together in an open shadow root. */
import css from "./styles.css";
import { initialState, lastSeqWithoutGap, reduce } from "./state.js";
import { createStore } from "./store.js";
import { translator } from "./strings.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";

const FULL_SCREEN = "(max-width: 479.98px), (max-height: 479.98px)";
const LOW_SCREEN = "(max-height: 430px)";
const TYPING_EVERY_MS = 3_000;
const TYPING_SHOWN_MS = 20_000;
const WARN_BEFORE_CLOSE_MS = 120_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Attributes: data-desk, data-lang, data-mode="page", data-theme, data-position. Events: askimmune:open,
 * askimmune:close. Methods: open(), close(). See README.md.
 */
export class AskImmuneElement extends HTMLElement {
  connectedCallback() {
    if (!this.view) this.#build();
    const signal = (this.leaving = new AbortController()).signal;
    this.wide = matchMedia(FULL_SCREEN);
    this.wide.addEventListener("change", () => this.#layout(), { signal });
    addEventListener("online", () => this.transport?.hurry(), { signal });
    addEventListener("offline", () => this.transport?.lostNetwork(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#returned(), { signal });
    globalThis.visualViewport?.addEventListener("resize", () => this.#layout(), { signal });
    globalThis.visualViewport?.addEventListener("scroll", () => this.#layout(), { signal });
    if (this.page || this.wasOpen) this.open();
  }

  disconnectedCallback() {
    this.wasOpen = this.state.open;
    this.close();
    this.leaving.abort();
    this.transport?.stop();
    for (const name of ["typing", "close"]) clearTimeout(this[`${name}Timer`]);
  }

  /** Shows the chat and puts focus into the field. The first opening is the first time that anything leaves the page. */
  open() {
    if (this.state.open || !this.isConnected) return;
    this.#dispatch({ type: "opened" });
    this.#layout();
    this.transport ||= this.#connect();
    this.transport.start();
    this.view.settleScroll(this.state);
    // A page of its own is read from its top, like any page.
    if (!this.page) this.view.field.focus();
    this.#seen();
    this.#announce("open");
  }

  /** Hides the chat and gives focus back to the launcher. The conversation goes on. */
  close() {
    if (!this.state.open || (this.page && this.isConnected)) return;
    this.view.showSheet(null, this.state);
    const inside = this.shadowRoot.activeElement;
    this.#dispatch({ type: "closed" });
    this.#layout();
    if (inside) this.view.launcher.focus();
    this.#announce("close");
  }

  #build() {
    this.state = initialState();
    this.desk = (this.getAttribute("data-desk") || location.origin).replace(/\/+$/, "");
    this.lang = this.getAttribute("data-lang") || document.documentElement.lang || "en";
    this.page = this.getAttribute("data-mode") === "page";
    this.store = createStore(this.desk);
    this.t = translator(this.lang);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.view = new View({ t: this.t, lang: this.lang, page: this.page, act: this.#actions() });
    this.view.introduce();
    for (const name of ["theme", "position"]) {
      if (this.hasAttribute(`data-${name}`)) this.view.node.setAttribute(`data-${name}`, this.getAttribute(`data-${name}`));
    }
    root.append(this.view.node);
    root.addEventListener("keydown", (event) => this.#keys(event));
    this.setAttribute("data-version", VERSION);
  }

  #connect() {
    this.view.field.value = this.store.draft();
    return new Transport({
      desk: this.desk, store: this.store, lang: this.lang.split("-")[0],
      emit: (event) => this.#dispatch(event), after: () => lastSeqWithoutGap(this.state.messages),
    });
  }

  #dispatch(event) {
    const before = this.state;
    this.state = reduce(before, event);
    if (event.type === "reset") this.view.clear();
    if (event.type === "lost") this.view.say(this.t("lost"), true);
    if (event.type === "problem") this.view.say(event.problem.help || event.problem.message || this.t("error"), true);
    if (this.state !== before) this.view.update(this.state, before);
    if (event.type === "message") this.#seen();
    if (this.state.typing && this.state.typing !== before.typing) this.#typingFades();
    if (this.state.closesAt !== before.closesAt) this.#warnBeforeClose();
    if (event.type === "config") this.view.counted(this.view.field.value, this.#limit);
  }

  get #limit() {
    return this.state.config?.limits?.max_text_chars || 0;
  }

  #actions() {
    return {
      toggle: () => (this.state.open ? this.close() : this.open()),
      close: () => this.close(),
      submit: (text) => this.#submit(text),
      typed: (text) => this.#typed(text),
      choose: (choice) => this.#send({ text: choice.label, choice: choice.choice_id }),
      retry: (item) => this.#send(item),
      edit: (item) => this.#edit(item),
      rate: (seq, helpful) => this.#attempt(() => this.transport.rate(seq, helpful)),
      clear: (message) => this.#clear(message),
      say: (text) => this.view.say(text),
      exit: (href) => this.#exit(href),
      person: (opener) => this.#sheet("person", opener),
      sheet: (name) => this.#sheet(name, this.view.optionsButton),
      back: () => this.#back(),
      share: (contact) => this.#share(contact),
      download: () => this.#download(),
      erase: () => this.#erase(),
      again: () => this.#again(),
    };
  }

  /** @returns {Promise<boolean>} Whether it worked; if not, the reason is shown as an alert. */
  async #attempt(action) {
    try {
      await action();
      this.view.say("", true);
      return true;
    } catch (problem) {
      this.view.say(this.#reason(problem), true);
      return false;
    }
  }

  #reason(problem) {
    return [problem.message, problem.help].filter(Boolean).join(" ") || this.t("error");
  }

  #submit(text) {
    const words = text.trim();
    this.view.field.focus();
    if (!words) return;
    this.#setField("");
    this.#send({ text: words });
  }

  #send(item) {
    this.view.say("", true);
    this.view.field.focus();
    this.transport.send(item);
    this.store.saveDraft(this.view.field.value);
  }

  #setField(text) {
    this.view.field.value = text;
    this.store.saveDraft(text);
    this.view.counted(text, this.#limit);
  }

  #edit(item) {
    this.#setField([item.text, this.view.field.value].filter(Boolean).join("\n"));
    this.#dispatch({ type: "dropped", id: item.id });
    this.view.field.focus();
  }

  #typed(text) {
    this.store.saveDraft(text);
    this.view.counted(text, this.#limit);
    const now = Date.now();
    if (!text || now - (this.typedAt || 0) < TYPING_EVERY_MS) return;
    this.typedAt = now;
    this.transport?.typing();
  }

  async #clear(message) {
    if (await this.#attempt(() => this.transport.clear(message.seq))) {
      this.#dispatch({ type: "cleared", seq: message.seq });
      this.view.field.focus();
    }
  }

  /** Leaves this site at once, with nothing of the chat on the screen or in the browser. */
  #exit(href) {
    this.view.panel.remove();
    this.view.clear();
    this.transport?.forget();
    location.replace(/^https?:/.test(href) ? href : "about:blank");
  }

  #sheet(name, opener) {
    this.opener = opener || this.opener;
    this.view.showSheet(name, this.state);
  }

  #back() {
    this.view.showSheet(null, this.state);
    (this.opener?.isConnected && !this.opener.hidden ? this.opener : this.view.field).focus();
  }

  async #share(contact) {
    try {
      await this.transport.askPerson(contact);
    } catch (problem) {
      return this.#reason(problem);
    }
    this.view.showSheet(null, this.state);
    this.view.field.focus();
    return "";
  }

  async #download() {
    try {
      const text = await this.transport.transcript();
      const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      const save = document.createElement("a");
      save.href = url;
      save.download = "chat.txt";
      save.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      return "";
    } catch (problem) {
      return this.#reason(problem);
    }
  }

  async #erase() {
    try {
      this.view.showSheet("receipt", this.state, await this.transport.erase());
      this.view.field.value = "";
      return "";
    } catch (problem) {
      return this.#reason(problem);
    }
  }

  #again() {
    this.view.showSheet(null, this.state);
    this.transport.start();
    this.view.field.focus();
  }

  #seen() {
    const last = this.state.messages.findLast((message) => message.author !== "patient");
    if (!last || !this.state.open || document.hidden || this.state.restoring || last.seq <= (this.seenSeq || 0)) return;
    this.seenSeq = last.seq;
    this.transport?.seen(last.seq);
  }

  #returned() {
    this.transport?.hurry();
    this.#seen();
  }

  #typingFades() {
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.#dispatch({ type: "quiet" }), TYPING_SHOWN_MS);
  }

  #warnBeforeClose() {
    clearTimeout(this.closeTimer);
    const end = Date.parse(this.state.closesAt || "");
    if (Number.isNaN(end)) return;
    const wait = Math.min(Math.max(0, end - Date.now() - WARN_BEFORE_CLOSE_MS), LONGEST_TIMER_MS);
    this.closeTimer = setTimeout(() => {
      const time = new Date(end).toLocaleTimeString(this.lang, { timeStyle: "short" });
      this.view.closing(time, () => this.#attempt(async () => {
        const { status, position, expected, staffName, available } = this.state;
        this.#dispatch({ type: "status", status, position, expected, staff_name: staffName, available, closes_at: await this.transport.keepOpen() });
        this.view.field.focus();
      }));
    }, wait);
  }

  #keys(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.view.sheetName && this.view.sheetName !== "receipt") this.#back();
    else this.close();
  }

  /** Full screen is modal: the rest of the page is out of reach, and stays where it was. */
  #layout() {
    const { open } = this.state;
    const full = this.wide.matches && !this.page;
    const modal = open && full;
    this.view.node.toggleAttribute("data-full", full);
    this.view.compact(matchMedia(LOW_SCREEN).matches);
    if (modal) this.view.panel.setAttribute("aria-modal", "true");
    else this.view.panel.removeAttribute("aria-modal");
    const viewport = globalThis.visualViewport;
    const fit = open && viewport && (full || this.page);
    // As a page it fills what is left below whatever the page shows above it.
    const above = this.page ? Math.max(0, this.view.panel.getBoundingClientRect().top + scrollY) : 0;
    this.view.panel.style.setProperty("--tall", fit ? `${viewport.height - above}px` : "");
    this.view.panel.style.setProperty("--top", fit ? `${viewport.offsetTop}px` : "");
    if (modal === !!this.hushed) return;
    if (modal) this.#hushPage();
    else this.#wakePage();
  }

  #hushPage() {
    this.hushed = [];
    for (let node = this; node.parentElement && node !== document.body; node = node.parentElement) {
      for (const other of node.parentElement.children) {
        if (other === node || other.inert || !(other instanceof HTMLElement)) continue;
        other.inert = true;
        this.hushed.push(other);
      }
    }
    this.scrolled = document.documentElement.style.overflow;
    document.documentElement.style.overflow = "hidden";
  }

  #wakePage() {
    for (const other of this.hushed) other.inert = false;
    this.hushed = null;
    document.documentElement.style.overflow = this.scrolled;
  }

  #announce(name) {
    this.dispatchEvent(new CustomEvent(`askimmune:${name}`, { bubbles: true, composed: true }));
  }
}
