/**
 * What the chat is, as plain data, and how each event changes it. Pure: no clock, no network, no page.
 * The view draws the difference between two states; the transport makes the events.
 */

/** Kinds of message that take over from an answer and carry numbers to call. */
export const CARD_KINDS = ["emergency", "crisis", "urgent", "safeguarding"];

/**
 * @returns {object} The chat before anything has happened. `messages` is kept in order of `seq`; `outbox` holds what
 *   the patient sent and the desk has not confirmed, oldest first.
 */
export function initialState() {
  return {
    config: null, connection: "idle", status: "assistant", position: null, expected: null, staffName: null,
    available: null, closesAt: null, shared: false, messages: [], outbox: [], typing: null, unread: 0, open: false,
    seenByStaff: 0, cleared: [], restoring: false, unstored: null,
  };
}

/**
 * The place up to which nothing is missing: what a reconnecting client gives as `after`.
 *
 * @param {{seq: number}[]} messages In order of seq.
 * @returns {number} 0 when the first message is not held.
 */
export function lastSeqWithoutGap(messages) {
  let last = 0;
  for (const { seq } of messages) {
    if (seq > last + 1) break;
    last = Math.max(last, seq);
  }
  return last;
}

/**
 * What a message says before its structured answers: the plain text holds the whole message for simple clients, so
 * the part that answers and caveats repeat is left out. Blocks of the text are parted by an empty line.
 *
 * @param {object} message As in contracts/message.json.
 * @returns {string} Markdown; empty if the answers are all there is.
 */
export function leadOf(message) {
  if (!message.answers?.length) return message.text;
  const caveats = [message, ...message.answers].flatMap((part) => part.caveats);
  const repeated = [...message.answers.flatMap(({ title, short }) => [title, short]), ...caveats.map(({ text }) => text)];
  const starts = repeated.map((words) => message.text.indexOf(words)).filter((index) => index >= 0);
  const cut = message.text.slice(0, Math.min(message.text.length, ...starts));
  return cut.slice(0, Math.max(0, cut.lastIndexOf("\n\n"))).trim();
}

function addMessage(state, message) {
  // A resend brings the card of an unstored message again; it is said once for each message that the patient sends.
  if (!(message.seq > 0) && message.text === state.unstored) return state;
  const outbox = message.client_message_id
    ? state.outbox.filter((item) => item.id !== message.client_message_id) : state.outbox;
  const known = message.seq > 0 && state.messages.some((held) => held.seq === message.seq);
  // A card for a message that could not be stored has no number of its own: it goes last and is never dropped.
  const messages = known
    ? state.messages.map((held) => (held.seq === message.seq && held.local ? message : held))
    : message.seq > 0
      ? insertInOrder(state.messages, message)
      : [...state.messages, message];
  const fromOther = !known && message.author !== "patient";
  return {
    ...state, outbox, messages,
    typing: fromOther ? null : state.typing,
    unstored: message.seq > 0 ? state.unstored : message.text,
    unread: fromOther && !state.open && !state.restoring ? state.unread + 1 : state.unread,
  };
}

function insertInOrder(messages, message) {
  let at = messages.length;
  while (at > 0 && messages[at - 1].seq > message.seq) at -= 1;
  return [...messages.slice(0, at), message, ...messages.slice(at)];
}

function confirm(state, { id, seq }) {
  const item = state.outbox.find((one) => one.id === id);
  if (!item) return state;
  const message = {
    seq, local: true, author: "patient", author_name: null, kind: "text", text: item.text, lang: "", dir: "auto",
    answers: [], caveats: [], actions: [], choices: [], client_message_id: id,
  };
  const next = addMessage(state, message);
  return { ...next, typing: next.status === "assistant" ? "assistant" : next.typing };
}

const changeItem = (state, id, change) => ({
  ...state, outbox: state.outbox.map((item) => (item.id === id ? { ...item, ...change } : item)),
});

const handlers = {
  config: (state, { config }) => ({ ...state, config, available: config.availability?.open ?? null }),
  opened: (state) => ({ ...state, open: true, unread: 0 }),
  closed: (state) => ({ ...state, open: false }),
  connection: (state, { connection }) => ({ ...state, connection }),
  restoring: (state, { on }) => ({ ...state, restoring: on }),
  message: (state, { message }) => addMessage(state, message),
  queued: (state, { item }) => ({ ...state, unstored: null, outbox: [...state.outbox.filter((one) => one.id !== item.id), 
    { ...item, state: state.connection === "retrying" ? "unsent" : "sending" }] }),
  ack: confirm,
  unsent: (state, { id, help }) => changeItem(state, id, { state: "unsent", help }),
  failed: (state, { id, help, final }) => changeItem(state, id, { state: "failed", help, final }),
  sending: (state, { id }) => changeItem(state, id, { state: "sending" }),
  dropped: (state, { id }) => ({ ...state, outbox: state.outbox.filter((item) => item.id !== id) }),
  // A reply over HTTP names the status only: it must not wipe the place in line that a fuller event gave.
  status: (state, event) => (event.partial && event.status === state.status ? state : {
    ...state, status: event.status, position: event.position ?? null, expected: event.expected ?? null,
    staffName: event.staff_name ?? (event.status === "with_staff" ? state.staffName : null),
    closesAt: event.closes_at ?? null, available: event.available ?? state.available,
    shared: event.shared ?? (event.status === "assistant" ? false : state.shared),
    typing: event.status === "assistant" ? state.typing : state.typing === "assistant" ? null : state.typing,
  }),
  shared: (state) => ({ ...state, shared: true }),
  typing: (state, { author }) => ({ ...state, typing: author }),
  quiet: (state) => ({ ...state, typing: null }),
  seen: (state, { seq }) => ({ ...state, seenByStaff: Math.max(state.seenByStaff, seq) }),
  cleared: (state, { seq }) => ({ ...state, cleared: [...state.cleared, seq] }),
  withdrawn: (state, { seq, answer_id }) => ({
    ...state, messages: state.messages.map((message) => (message.seq === seq
      ? { ...message, withdrawn: [...(message.withdrawn || []), answer_id] } : message)),
  }),
  reset: (state, { keepOutbox }) => ({
    ...initialState(), config: state.config, open: state.open, available: state.available,
    outbox: keepOutbox ? state.outbox : [],
  }),
};

/**
 * @param {object} state
 * @param {{type: string}} event One of the handlers above; an unknown type changes nothing.
 * @returns {object} A new state, or the same object if nothing changed.
 */
export function reduce(state, event) {
  const handler = Object.hasOwn(handlers, event.type) ? handlers[event.type] : null;
  return handler ? handler(state, event) : state;
}

/**
 * @param {object} state
 * @returns {boolean} Whether a card that the patient can clear has not been cleared.
 */
export function hasAlarm(state) {
  return state.messages.some((m) => m.actions.some(({ type }) => type === "clear") && !state.cleared.includes(m.seq));
}
