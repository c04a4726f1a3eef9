/**
 * What stays in the patient's browser: the key to the chat (localStorage, from the first message on) and unsent words
 * (sessionStorage, gone with the tab). Never the conversation itself. A browser that blocks storage loses only this.
 */

function area(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null; // Reading the property alone throws where the visitor has blocked storage.
  }
}

function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value == null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // Blocked or full: the chat goes on, it is only not there after a reload.
  }
}

/**
 * @param {string} desk Origin of the desk, part of each key.
 * @param {{local?: Storage|null, session?: Storage|null}} [areas] Other storages, for tests.
 */
export function createStore(desk, { local = area("localStorage"), session = area("sessionStorage") } = {}) {
  const key = (name) => `askimmune:${name}:${desk}`;
  return {
    /** @returns {{id: string, token: string}|null} */
    chat() {
      const held = read(local, key("chat"));
      return held && typeof held.id === "string" && typeof held.token === "string" ? held : null;
    },
    saveChat: (value) => write(local, key("chat"), value),
    /** @returns {string} */
    draft: () => read(session, key("draft")) || "",
    saveDraft: (text) => write(session, key("draft"), text || null),
    /** @returns {{id: string, text: string, choice?: string}[]} */
    outbox() {
      const held = read(session, key("outbox"));
      return Array.isArray(held) ? held : [];
    },
    saveOutbox: (items) => write(session, key("outbox"), items.length ? items : null),
    clear() {
      write(local, key("chat"), null);
      write(session, key("draft"), null);
      write(session, key("outbox"), null);
    },
  };
}
