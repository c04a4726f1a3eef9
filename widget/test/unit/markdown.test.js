import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarkdown, safeHref } from "../../src/markdown.js";

test("it reads bold, links, line breaks and both kinds of list", () => {
  assert.deepEqual(parseMarkdown("one **two** [three](https://a.example/b_(c))\nfour\n\n- x\n- y\n1. z"), [
    { p: [[{ text: "one " }, { bold: [{ text: "two" }] }, { text: " " }, { href: "https://a.example/b_(c)", text: "three" }], [{ text: "four" }]] },
    { list: "ul", items: [[{ text: "x" }], [{ text: "y" }]] },
    { list: "ol", items: [[{ text: "z" }]] },
  ]);
});

test("it links a bare address without the full stop after it", () => {
  assert.deepEqual(parseMarkdown("See https://nih.gov/a."), [{ p: [[{ text: "See " }, { href: "https://nih.gov/a", text: "https://nih.gov/a" }, { text: "." }]] }]);
});

test("it leaves everything else as it was typed", () => {
  for (const text of ["<b>x</b>", "_x_", "`x`", "# x", "![x](y)", "[x](javascript:alert(1))", "** x", "[x]()", "a*b*c", "&lt;script&gt;"]) {
    const words = parseMarkdown(text).flatMap((block) => block.p.flat()).map((part) => part.text).join("");
    assert.equal(words, text);
  }
});

test("blank text is no block", () => {
  for (const text of ["", "  \n ", null, undefined]) assert.deepEqual(parseMarkdown(text), []);
});

test("it links only to http, https, tel, sms and mailto", () => {
  for (const good of ["https://a.example/?q=1", "http://a.example", "tel:911", "sms:741741", "mailto:a@b.example"]) assert.equal(safeHref(good), good);
  const bad = ["javascript:alert(1)", " java\nscript:x", "data:text/html,x", "vbscript:x", "//a.example", "/a", "file:///etc", "blob:x",
    "https://a.example/\" onclick=x", "HTTPS ://x", "jAvAsCrIpT:x", "\u0001javascript:x", "tel:", null];
  for (const href of bad) assert.equal(safeHref(href), "", String(href));
});

test("a hostile length is read in time (no backtracking)", () => {
  const start = performance.now();
  for (const piece of ["[", "**", "[a](", "https://", "(", "- "]) parseMarkdown(piece.repeat(4000));
  assert.ok(performance.now() - start < 1500);
});
