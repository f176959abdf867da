// What counts as the same view, however a page wrote its address.

import assert from "node:assert/strict";
import { test } from "node:test";

import { besidesThresholds, viewOf } from "../../pages/meeting/views.js";

test("a view is the same in whatever order its parameters stand", () => {
  assert.equal(viewOf("saliency?study=a&film=x"), viewOf("saliency?film=x&study=a"));
  assert.notEqual(viewOf("saliency?study=a&film=x"), viewOf("saliency?study=a&film=y"));
  assert.notEqual(viewOf("saliency?study=a"), viewOf("thresholds?study=a"));
});

test("parameters that come twice stay, in their order", () => {
  assert.equal(viewOf("thresholds?thresholds=1~b&thresholds=0~a"), "thresholds?thresholds=0%7Ea&thresholds=1%7Eb");
});

test("whom one follows is no part of a view, nor is a key", () => {
  assert.equal(viewOf("overview?follow=AAAA&study=a&key=K"), "overview?study=a");
});

test("the first page has three names and one view", () => {
  for (const page of ["", "start", "overview"]) assert.equal(viewOf(`${page}?study=a`), "overview?study=a");
  assert.equal(viewOf(""), "overview");
});

test("a value may hold a question mark", () => {
  assert.equal(viewOf("saliency?film=a?b"), "saliency?film=a%3Fb");
});

test("two views that differ in thresholds alone are told apart from others", () => {
  const one = viewOf("thresholds?study=a&thresholds=0~x");
  assert.equal(besidesThresholds(one), besidesThresholds(viewOf("thresholds?study=a")));
  assert.notEqual(besidesThresholds(one), besidesThresholds(viewOf("thresholds?study=b")));
});
