/**
 * The small part of Markdown that a message may hold: **bold**, lists, links, line breaks. Nothing else is markup.
 * Parsing is pure; `renderMarkdown` makes DOM nodes from text nodes and four elements, so no text can become markup.
 */
import { h } from "./dom.js";

const SAFE_LINK = /^(https?:\/\/|mailto:|tel:|sms:)[^\s"'<>\\]+$/i;
const INLINE = /\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)|(https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/g;

/**
 * Says where a link may lead.
 *
 * @param {unknown} href What a message gives as an address.
 * @returns {string} The address if its scheme is http, https, tel, sms or mailto, else an empty string.
 */
export function safeHref(href) {
  const text = String(href ?? "").trim();
  return SAFE_LINK.test(text) ? text : "";
}

function parseInline(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    const [whole, bold, label, address, bare] = match;
    const href = safeHref(address ?? bare);
    if (bold) parts.push({ bold: parseInline(bold) });
    else if (href) parts.push({ href, text: label ?? bare });
    else parts.push({ text: whole });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/**
 * Reads a message's text into blocks.
 *
 * @param {string} text
 * @returns {Array<{p: object[][]}|{list: "ul"|"ol", items: object[][]}>} Paragraphs (one array of parts per line) and
 *   lists (one array of parts per item). Empty for blank text.
 */
export function parseMarkdown(text) {
  const blocks = [];
  let open = null;
  for (const line of String(text ?? "").split(/\r?\n/)) {
    const item = /^\s*(?:([-*])|\d{1,3}[.)])\s+(.+)$/.exec(line);
    const list = item && (item[1] ? "ul" : "ol");
    if (!line.trim()) open = null;
    else if (item) {
      if (open?.list !== list) blocks.push((open = { list, items: [] }));
      open.items.push(parseInline(item[2]));
    } else {
      if (!open?.p) blocks.push((open = { p: [] }));
      open.p.push(parseInline(line.trim()));
    }
  }
  return blocks;
}

/**
 * Makes a link; one that leaves for the web opens in a new tab, says so, and tells the other site nothing.
 *
 * @param {string} href Checked here again: with an unsafe scheme a plain span comes back.
 * @param {string} label
 * @param {(key: string) => string} t
 */
export function link(href, label, t) {
  const safe = safeHref(href);
  if (!safe) return h("span", {}, label);
  if (!/^http/i.test(safe)) return h("a", { href: safe }, label);
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, label, h("span", { class: "vh" }, ` ${t("newTab")}`));
}

function inlineNodes(parts, t) {
  return parts.map((part) => {
    if (part.bold) return h("strong", {}, ...inlineNodes(part.bold, t));
    return part.href ? link(part.href, part.text, t) : part.text;
  });
}

/**
 * @param {string} text
 * @param {(key: string) => string} t
 * @returns {HTMLElement[]} Block elements in order.
 */
export function renderMarkdown(text, t) {
  return parseMarkdown(text).map((block) => {
    if (block.list) return h(block.list, {}, ...block.items.map((item) => h("li", {}, ...inlineNodes(item, t))));
    return h("p", {}, ...block.p.flatMap((line, i) => (i ? [h("br"), ...inlineNodes(line, t)] : inlineNodes(line, t))));
  });
}
