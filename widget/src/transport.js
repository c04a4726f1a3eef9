/**
 * Carries messages between the widget and the desk: socket first, HTTP where the socket cannot be had. What the patient
 * sends stays in a queue, in order and under the same id, until the desk has confirmed it; after a drop the desk
 * replays what was missed. Knows nothing of the page; tells what happened by `emit` (events of state.js).
 */
import { waitBeforeRetry } from "./backoff.js";
import { Chat } from "./chat.js";
import { Problem } from "./http.js";

const ACK_WAIT_MS = 5_000;
const CONNECT_WAIT_MS = 2_500;
const POLL_MS = 4_000;
const HIDDEN_WAIT_MS = 15_000;
const SOCKET_TRIES_BEFORE_HTTP = 3;

/** @returns {string} A random UUID, version 4; crypto.randomUUID is missing on plain-http pages. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Transport extends Chat {
  /**
   * @param {object} options
   * @param {string} options.desk Origin of the desk.
   * @param {object} options.store From store.js.
   * @param {(event: object) => void} options.emit
   * @param {() => number} options.after Last sequence number held without a gap.
   * @param {string} [options.lang]
   * @param {typeof WebSocket} [options.WebSocket] With `fetch`, `random`, `isHidden` and the waits: set by tests.
   */
  constructor({ desk, store, emit, after, lang, fetch, WebSocket = globalThis.WebSocket, random, isHidden, waits = {} }) {
    super({ desk, fetch });
    Object.assign(this, { store, emit, after, lang, WebSocket });
    this.isHidden = isHidden || (() => globalThis.document?.hidden === true);
    this.waits = { ack: ACK_WAIT_MS, connect: CONNECT_WAIT_MS, poll: POLL_MS, hidden: HIDDEN_WAIT_MS, retry: (n) => waitBeforeRetry(n, random), ...waits };
    this.queue = [];
    this.timers = {};
    this.failures = 0;
    this.running = false;
  }

  /** Loads the configuration, resumes or opens a chat, connects. Called at each opening; later calls only hurry a retry. */
  async start() {
    if (this.running) return this.hurry();
    this.running = true;
    this.emit({ type: "connection", connection: "connecting" });
    this.chat = this.store.chat();
    this.queue = this.store.outbox();
    for (const item of this.queue) this.emit({ type: "queued", item });
    await Promise.all([this.#loadConfig(), this.#begin()]);
  }

  /** Closes the socket and every timer. What is unsent stays in the store. */
  stop() {
    this.running = false;
    for (const name of Object.keys(this.timers)) this.#cancel(name);
    this.#dropSocket();
  }

  /** Tries at once instead of waiting: the browser is online again, or the patient came back. */
  hurry() {
    if (!this.running || this.#ready) return;
    this.failures = 0;
    if (!this.socket) this.#begin();
    this.#flush();
  }

  /** The browser says that it has no network: do not wait for a time-out to find out. */
  lostNetwork() {
    this.#dropSocket();
    this.#socketFailed();
  }

  /**
   * Sends words or a choice, as soon and as often as needed.
   *
   * @param {{text: string, choice?: string, id?: string}} item `text` is what the bubble shows. With the id of an
   *   earlier item it is tried again under that id, so that the desk stores it once.
   */
  send(item) {
    const queued = { ...item, id: item.id || uuid(), inflight: false };
    this.queue = [...this.queue.filter((one) => one.id !== queued.id), queued];
    this.emit({ type: "queued", item: { id: queued.id, text: queued.text, choice: queued.choice } });
    this.#remember();
    this.#later(queued.id, this.waits.ack, () => this.emit({ type: "unsent", id: queued.id }));
    this.#flush();
  }

  /** Tells the staff that the patient is writing; the caller limits how often. */
  typing() {
    if (this.#ready) this.#frame({ type: "typing" });
  }

  /** @param {number} seq The last message that the patient has seen. */
  seen(seq) {
    if (this.#ready) this.#frame({ type: "seen", seq });
    else if (this.chat) this.call("POST", "/seen", { seq }).catch(() => {});
  }

  /** @param {object} [contact] With consent; see API. Rejects with Problem. */
  async askPerson(contact) {
    if (!this.chat) await this.#create();
    this.store.saveChat(this.chat);
    this.#took(await this.call("POST", "/escalation", { share: true, ...(contact && { contact }) }));
    this.emit({ type: "shared" });
    if (!this.#ready) this.#poll();
  }

  /** @param {number} seq Of the card. */
  async clear(seq) {
    this.#took((await this.call("POST", "/clearance", { seq })) || {});
  }

  /** Erases the chat on the desk, then here. @returns {Promise<{receipt?: string, kept?: string[]}>} Rejects with Problem. */
  async erase() {
    let receipt = {};
    if (this.chat) {
      try {
        receipt = (await this.call("DELETE", "")) || {};
      } catch (problem) {
        if (!problem.lostChat) throw problem;
      }
    }
    this.forget();
    return receipt;
  }

  /** Leaves the chat without a trace on this device; the desk keeps what it has. */
  forget() {
    this.stop();
    this.chat = null;
    this.queue = [];
    this.store.clear();
    this.emit({ type: "reset" });
  }

  get #ready() {
    return this.authed === true;
  }

  #later(name, wait, action) {
    this.#cancel(name);
    this.timers[name] = setTimeout(action, wait);
  }

  #cancel(name) {
    clearTimeout(this.timers[name]);
    delete this.timers[name];
  }

  #remember() {
    this.store.saveOutbox(this.queue.map(({ id, text, choice }) => ({ id, text, choice })));
    // The key is kept from the first message on: somebody who only looked leaves nothing on this device.
    if (this.chat && (this.queue.length || this.kept)) {
      this.kept = true;
      this.store.saveChat(this.chat);
    }
  }

  async #loadConfig(attempt = 0) {
    try {
      this.emit({ type: "config", config: await this.api("GET", "/config") });
    } catch {
      if (this.running) this.#later("config", this.waits.retry(attempt), () => this.#loadConfig(attempt + 1));
    }
  }

  async #begin() {
    if (this.beginning) return;
    this.beginning = true;
    try {
      if (this.chat) await this.#restore();
      else await this.#create();
      if (this.running) this.#connect();
    } catch (problem) {
      if (problem.lostChat && this.chat) this.#renew();
      else this.#socketFailed(problem.retryAfterMs);
    } finally {
      this.beginning = false;
    }
    if (this.running) this.#flush();
  }

  async #create() {
    const made = await this.api("POST", "/conversations", { body: { locale: this.lang } });
    if (this.chat) return;
    this.chat = { id: made.conversation_id, token: made.token };
    this.restored = true; // Whatever this chat misses from now on is news, not history.
    this.#took(made);
    this.#remember();
  }

  async #restore() {
    const first = !this.restored;
    if (first) this.emit({ type: "restoring", on: true });
    try {
      const held = await this.call("GET", `/messages?after=${this.after()}`);
      this.kept = this.restored = true;
      this.#took(held);
    } finally {
      if (first) this.emit({ type: "restoring", on: false });
    }
  }

  /** The desk no longer knows this chat: a new one takes over what is still unsent. */
  #renew() {
    this.#dropSocket();
    this.chat = null;
    this.kept = this.restored = false;
    this.store.saveChat(null);
    for (const item of this.queue) item.inflight = false;
    this.emit({ type: "reset", keepOutbox: true });
    this.emit({ type: "lost" });
    this.#later("connect", 0, () => this.#begin());
  }

  #took({ status, messages = [] }) {
    for (const message of messages) this.#arrived(message);
    if (status) this.emit({ type: "status", status, partial: true });
  }

  #arrived(message) {
    if (message.client_message_id) this.#settle(message.client_message_id);
    this.emit({ type: "message", message });
  }

  #settle(id) {
    this.queue = this.queue.filter((item) => item.id !== id);
    this.#cancel(id);
    this.#remember();
  }

  #connect() {
    if (this.socket || !this.running || !this.chat) return;
    let socket;
    try {
      socket = new this.WebSocket(`${this.desk.replace(/^http/, "ws")}/ws/v1/conversations/${this.chat.id}`);
    } catch {
      return this.#socketFailed();
    }
    this.socket = socket;
    this.#later("open", this.waits.connect * 2, () => socket.close());
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.#cancel("open");
      this.#frame({ type: "auth", token: this.chat.token, after: this.after() });
      this.authed = true;
      this.emit({ type: "connection", connection: "open" });
      this.#cancel("poll");
      this.#flush();
    };
    socket.onmessage = ({ data }) => socket === this.socket && this.#heard(data);
    socket.onerror = () => {}; // A close always follows, and is where it is dealt with.
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.#dropSocket();
      this.#socketFailed();
    };
  }

  #dropSocket() {
    const { socket } = this;
    this.socket = null;
    this.authed = false;
    this.#cancel("open");
    for (const item of this.queue) if (item.inflight === "socket") item.inflight = false;
    try {
      socket?.close();
    } catch {
      // Closing a socket that never opened may throw; it is gone either way.
    }
  }

  /** Waits longer each time; from the third failure on messages are fetched over HTTP meanwhile. */
  #socketFailed(retryAfterMs = 0) {
    if (!this.running) return;
    this.failures += 1;
    this.emit({ type: "connection", connection: "retrying" });
    const wait = Math.max(retryAfterMs, this.waits.retry(this.failures - 1), this.isHidden() ? this.waits.hidden : 0);
    this.#later("connect", wait, () => (this.chat ? (this.#connect(), this.#flush()) : this.#begin()));
    if (this.queue.length) this.#flush();
    if (this.failures >= SOCKET_TRIES_BEFORE_HTTP && this.chat && !this.timers.poll) this.#poll();
  }

  async #poll() {
    this.#cancel("poll");
    if (!this.running || this.#ready || !this.chat) return;
    try {
      this.#took(await this.call("GET", `/messages?after=${this.after()}`));
      this.emit({ type: "status", ...(await this.call("GET", "")) });
      this.emit({ type: "connection", connection: "http" });
    } catch (problem) {
      if (problem.lostChat) return this.#renew();
      this.emit({ type: "connection", connection: "retrying" });
    }
    if (this.running && !this.#ready) this.#later("poll", this.isHidden() ? this.waits.hidden : this.waits.poll, () => this.#poll());
  }

  #frame(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  #heard(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    this.failures = 0;
    if (frame.type === "message") this.#arrived(frame.message);
    else if (frame.type === "ack") {
      this.#settle(frame.client_message_id);
      this.emit({ type: "ack", id: frame.client_message_id, seq: frame.seq });
    } else if (frame.type === "error") this.#refusedFrame(frame);
    else if (["status", "typing", "seen", "withdrawn"].includes(frame.type)) this.emit(frame);
  }

  #refusedFrame(frame) {
    if (frame.message) this.emit({ type: "message", message: frame.message });
    const problem = new Problem(frame.status, frame);
    const item = this.queue.find((one) => one.id === frame.client_message_id);
    if (item) this.#refused(item, problem);
    else if (problem.lostChat) this.#renew();
    else this.emit({ type: "problem", problem });
  }

  #refused(item, problem) {
    item.inflight = false;
    this.#cancel(item.id);
    if (problem.lostChat && this.chat) return this.#renew();
    if (problem.passing || problem.lostChat) {
      this.emit({ type: "unsent", id: item.id, help: problem.help });
      this.#later("flush", Math.max(problem.retryAfterMs, this.waits.retry(Math.max(this.failures, 2))), () => this.#flush());
      return;
    }
    this.#settle(item.id);
    this.emit({ type: "failed", id: item.id, help: problem.help || problem.message, final: problem.status });
  }

  #flush() {
    if (!this.running || this.posting) return;
    if (!this.#ready) {
      const connecting = this.socket && this.failures === 0;
      if (connecting) this.#later("flush", this.waits.connect, () => this.#post());
      else if (this.queue.length && !(this.beginning && !this.chat)) this.#post();
      return;
    }
    // All at once rather than one by one: words behind a message that is stuck may be the ones about an emergency.
    for (const item of this.queue.filter((one) => !one.inflight)) {
      item.inflight = "socket";
      this.emit({ type: "sending", id: item.id });
      this.#frame({ type: "message", ...this.#words(item) });
      this.#later(item.id, this.waits.ack, () => this.#unheard(item));
    }
  }

  #words({ id, text, choice }) {
    return { ...(choice ? { choice } : { text }), client_message_id: id };
  }

  /** No ack: the line may be dead without saying so. Show it, then a new socket carries the same words again. */
  #unheard(item) {
    this.emit({ type: "unsent", id: item.id });
    this.#dropSocket();
    this.#socketFailed();
  }

  async #post() {
    if (this.posting || this.#ready) return this.#flush();
    this.posting = true;
    let going = true;
    while (going && this.running && this.queue.length && !this.#ready) going = await this.#postOne(this.queue[0]);
    this.posting = false;
    if (this.#ready) this.#flush();
  }

  /** @returns {Promise<boolean>} Whether the next one may go. */
  async #postOne(item) {
    this.#later(item.id, this.waits.ack, () => this.emit({ type: "unsent", id: item.id }));
    try {
      if (!this.chat) await this.#create().catch((problem) => this.#screenOnly(item, problem));
      const answer = await this.call("POST", "/messages", this.#words(item));
      const stored = answer.messages.find((message) => message.author === "patient");
      if (stored) stored.client_message_id = item.id;
      this.#took(answer);
      if (stored) return true;
      // Screened but not stored: either the key is no longer good, and this call says so, or storing failed for now.
      await this.call("GET", "");
      throw new Problem(503);
    } catch (problem) {
      this.#refused(item, problem);
      return !problem.passing && !problem.lostChat;
    }
  }

  /** No chat could be opened, but somebody answers: an emergency still gets its card, once. Then the problem goes on. */
  async #screenOnly(item, problem) {
    if (problem.status && !item.screened) {
      item.screened = true;
      try {
        this.#took({ messages: (await this.call("POST", "/messages", this.#words(item))).messages });
      } catch (refusal) {
        problem.help ||= refusal.help;
      }
    }
    throw problem;
  }
}
