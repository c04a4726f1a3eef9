// The live page. Everything here also comes with a reload: this only shows it sooner. Words go in as text nodes.
import { checkAlerts, prepareSound, ringFor, showUrgent } from "./alerts.js";
import { buildMessage, buildRow, fill } from "./build.js";

const POLL_MS = 5000;
const MAX_WAIT_MS = 30000;
const STILL_THERE_MS = 60000;
const page = document.body.dataset;
const byId = (id) => document.getElementById(id);
let socket = null;
let tries = 0;
let poll = 0;
let busy = false;
let again = false;
let leaving = false;
let lastSeq = Number(page.seq || 0);
let lastInput = Date.now();

/** A refresh that no person asked for must not keep a session alive (15 minutes without anybody end it). */
async function get(address) {
  const headers = { Accept: "application/json" };
  if (Date.now() - lastInput > STILL_THERE_MS) headers["X-Console-Passive"] = "1";
  const answer = await fetch(address, { headers, redirect: "manual" });
  const ended = answer.type === "opaqueredirect" || answer.status === 401;
  byId("ended").hidden = !ended;
  return answer.ok ? answer.json() : null;
}

async function refresh() {
  again = busy;
  if (busy) return;
  busy = true;
  try {
    await refreshQueue();
    if (page.messages) await refreshMessages();
    if (socket?.readyState === WebSocket.OPEN) byId("lost").hidden = true;
  } catch {
    byId("lost").hidden = false;
  } finally {
    busy = false;
    if (again) refresh();
  }
}

async function refreshQueue() {
  const shown = page.shown ? `?show=${encodeURIComponent(page.shown)}` : "";
  const found = await get(page.queue + shown);
  if (!found) return;
  showUrgent(found.urgent);
  checkAlerts(found.urgent);
  if (page.page === "queue") showRows(found.rows);
}

function showRows(rows) {
  const list = byId("rows");
  const active = document.activeElement;
  const focused = list.contains(active) ? active.closest("[data-conversation-id]")?.dataset.conversationId : null;
  list.replaceChildren(...rows.map(buildRow));
  list.hidden = rows.length === 0;
  byId("empty").hidden = rows.length > 0;
  const count = `${rows.length} shown`;
  if (byId("count").textContent !== count) fill(byId("count"), count);
  const row = focused && list.querySelector(`[data-conversation-id="${CSS.escape(focused)}"]`);
  row?.querySelector(active.tagName === "BUTTON" ? "button" : "a")?.focus({ preventScroll: true });
}

async function refreshMessages() {
  const found = await get(`${page.messages}?after=${lastSeq}`);
  if (!found) {
    byId("changed").hidden = false;
    return;
  }
  const log = byId("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  for (const message of found.messages) {
    if (message.seq <= lastSeq) continue;
    lastSeq = message.seq;
    byId("messages").append(buildMessage(message));
    if (message.author === "patient") fill(byId("typing"), "");
  }
  if (found.messages.length && atEnd) log.scrollTop = log.scrollHeight;
  const { state } = found;
  fill(byId("seen"), String(state.patient_seen)).parentElement.hidden = !state.patient_seen;
  const same = state.owner === page.owner && state.status === page.status && String(state.shared) === page.shared;
  byId("changed").hidden = same;
}

let typingEnds = 0;
function onFrame(frame) {
  const here = frame.conversation_id === page.id;
  if (frame.type === "alert") {
    ringFor(frame);
    refresh();
  } else if (frame.type === "typing") {
    if (!here || !byId("typing")) return;
    fill(byId("typing"), "The patient is writing");
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => fill(byId("typing"), ""), 6000);
  } else {
    refresh();
  }
}

function say(words) {
  if (byId("live-words")) fill(byId("live-words"), words);
}

let typedAt = 0;
function sayTyping() {
  if (socket?.readyState !== WebSocket.OPEN || Date.now() - typedAt < 3000) return;
  typedAt = Date.now();
  socket.send(JSON.stringify({ type: "typing", conversation_id: page.id }));
}

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/staff`);
  socket.onopen = () => {
    tries = 0;
    clearInterval(poll);
    // A slow check beside the socket: waiting times move on, and nothing hangs on one wire alone.
    poll = setInterval(refresh, POLL_MS * 4);
    byId("lost").hidden = true;
    say("live");
    refresh();
  };
  socket.onmessage = (event) => onFrame(JSON.parse(event.data));
  socket.onclose = () => {
    if (leaving) return;
    byId("lost").hidden = !byId("ended").hidden;
    say("every 5 seconds");
    if (tries === 0) {
      clearInterval(poll);
      poll = setInterval(refresh, POLL_MS);
      refresh();
    }
    tries += 1;
    setTimeout(connect, Math.min(MAX_WAIT_MS, 500 * 2 ** tries) * (0.5 + Math.random() / 2));
  };
}

function prepareReply() {
  const form = byId("reply");
  if (!form) return;
  const field = form.elements.namedItem("text");
  for (const hint of form.querySelectorAll(".with-script")) hint.hidden = false;
  field.focus({ preventScroll: true });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  field.addEventListener("input", sayTyping);
  form.addEventListener("submit", (event) => {
    // A second press must not send the reply twice.
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}

for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { lastInput = Date.now(); }, { capture: true, passive: true });
}
addEventListener("pagehide", () => { leaving = true; });
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
prepareSound();
prepareReply();
if (byId("log")) byId("log").scrollTop = byId("log").scrollHeight;
connect();
