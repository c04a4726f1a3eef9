// From the desk's JSON to elements: clones of the page's own templates, filled with text nodes only.
const byId = (id) => document.getElementById(id);

export function fill(element, text) {
  element.textContent = text;
  return element;
}

function clone(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

function show(element, wanted) {
  element.hidden = !wanted;
  return element;
}

function lines(list, texts) {
  list.replaceChildren(...texts.map((text) => fill(document.createElement("li"), text)));
}

/** Only addresses of this site: whatever the data says, a row never links elsewhere. */
export function ownAddress(address) {
  return new URL(address, location.origin).origin === location.origin ? address : "#";
}

export function buildRow(row) {
  const item = clone("row-template");
  const part = (name) => item.querySelector(name);
  item.dataset.conversationId = row.id;
  item.dataset.level = row.level;
  item.toggleAttribute("data-ringing", row.ringing);
  fill(part(".level-code"), row.level);
  fill(part(".level-words"), row.level_words);
  fill(part(".open"), row.reason).href = ownAddress(row.url);
  fill(show(part(".words"), row.last_text).firstElementChild, row.last_text.slice(0, 160));
  fill(part(".status"), row.status);
  fill(part(".region"), row.region);
  fill(part(".shared"), row.shared ? "Words shared" : "Words not shared");
  fill(show(part(".outcome"), row.outcome), row.outcome ?? "");
  fill(part(".wait b"), row.waiting);
  fill(part(".wait-note"), row.answered ? "to the first reply" : "waiting");
  fill(part(".owner b"), row.owner);
  show(part(".mine"), row.mine);
  show(part(".act"), row.claimable).action = `${ownAddress(row.url)}claim/`;
  return item;
}

export function buildMessage(message) {
  const item = clone("message-template");
  const part = (name) => item.querySelector(name);
  item.className = `message ${message.author}${message.safety ? " safety" : ""}`;
  item.dataset.seq = message.seq;
  fill(part(".name"), message.who);
  fill(show(part(".kind"), message.kind), message.safety ? `Safety card: ${message.kind}` : message.kind);
  fill(part("time"), message.time).dateTime = message.at;
  show(part(".unshared"), message.hidden);
  const words = show(part(".words"), !message.hidden);
  words.lang = message.lang || "en";
  fill(words.firstElementChild, message.text);
  fill(show(part(".actions-shown"), message.actions.length).firstElementChild, message.actions.join(" · "));
  fill(show(part(".marks"), message.marks.length).firstElementChild, message.marks.join(", "));
  show(part(".answers"), message.answers.length).replaceChildren(...message.answers.map(buildAnswer));
  lines(show(part(".understood"), message.understood.length).querySelector("ul"), message.understood);
  return item;
}

function buildAnswer(answer) {
  const item = clone("answer-template");
  fill(item.querySelector(".id"), answer.answer_id);
  fill(item.querySelector(".version"), answer.version.slice(0, 12));
  show(item.querySelector("details"), answer.sources.length);
  fill(item.querySelector("summary"), `Sources (${answer.sources.length})`);
  item.querySelector("ul").replaceChildren(...answer.sources.map(buildSource));
  return item;
}

function buildSource(source) {
  const item = document.createElement("li");
  const link = fill(document.createElement("a"), source.text);
  if (source.url.startsWith("https://")) link.href = source.url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  item.append(link);
  return item;
}
