// Names, times, tokens and words of the page.

import assert from "node:assert/strict";
import {test} from "node:test";

import {StoreClock} from "../../daemon/http/kiosk/clock.js";
import {short_names, tint_of} from "../../daemon/http/kiosk/names.js";
import {language_of, languages, offer_text} from "../../daemon/http/kiosk/texts.js";
import {tail_of, token_of, Wedge} from "../../daemon/http/kiosk/token.js";

test("a short name never stands for two members", () => {
    const names = short_names(["3f9a00000000c21b", "3f9a11111111c21b", "77aa000000009999", "m-12"]);
    assert.equal(names.get("77aa000000009999"), "77aa…9999");
    assert.equal(names.get("m-12"), "m-12");
    assert.equal(names.get("3f9a00000000c21b"), "3f9a00…00c21b");
    assert.equal(names.get("3f9a11111111c21b"), "3f9a11…11c21b");
    assert.equal(new Set(names.values()).size, 4);
});

test("members that differ in the middle only are written in full", () => {
    const alike = ["aaaaaaaaaaaaaaaa1bbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa2bbbbbbbbbbbbbbb"];
    assert.deepEqual([...short_names(alike).values()].sort(), alike);
    assert.equal(short_names(["twice-the-same-one", "twice-the-same-one"]).size, 1);
});

test("a member keeps the same colour", () => {
    assert.equal(tint_of("3f9a00000000c21b", 6), tint_of("3f9a00000000c21b", 6));
    assert.ok(tint_of("", 6) === 0);
});

test("the store's clock counts, however wrong the browser's is", () => {
    let browser = Date.parse("2031-05-12T09:00:00Z");
    const clock = new StoreClock(() => browser);
    clock.exactly("2031-05-12T10:00:00.000+09:00");  // the browser is eight hours fast
    assert.equal(clock.time_of_day(clock.now()), "10:00");
    browser += 90_000;
    assert.equal(clock.time_of_day(clock.now()), "10:01");
    clock.at_least("2031-05-12T09:00:00+09:00");
    assert.equal(clock.time_of_day(clock.now()), "10:01", "an old event sets nothing back");
    clock.at_least("2031-05-12T10:07:00+09:00");
    assert.equal(clock.time_of_day(clock.now()), "10:07");
    clock.exactly("2031-05-12T10:03:00+09:00");
    assert.equal(clock.time_of_day(clock.now()), "10:03");
    clock.exactly("no time at all");
    assert.equal(clock.time_of_day(clock.now()), "10:03");
});

test("times are those on the store's wall, whatever zone the browser is in", () => {
    const clock = new StoreClock(() => 0);
    clock.exactly("2031-12-31T23:30:00-03:30");
    assert.equal(clock.time_of_day(clock.now()), "23:30");
    assert.deepEqual(clock.date_of(clock.now()), {month: 12, day: 31});
    clock.exactly("2031-01-01T00:10:00Z");
    assert.equal(clock.time_of_day(clock.now()), "00:10");
});

test("what is typed becomes a token", () => {
    assert.equal(token_of(" 2900000000018\r\n"), "card:2900000000018");
    assert.equal(token_of("２９００ ０００－０１８"), "card:2900000018", "Japanese full-width digits");
    assert.equal(token_of("nfc:04a1b2c3"), "nfc:04a1b2c3");
    assert.equal(token_of("https://raiten.example/m/1"), "qr:https://raiten.example/m/1");
    assert.equal(token_of("HELLO"), "qr:HELLO");
    assert.equal(token_of("  "), "");
    assert.equal(tail_of("card:2900000000018"), "0018");
});

test("a scan is faster than fingers, and its Enter presses nothing", () => {
    const press_all = (wedge, text, gap, start = 1000) =>
        [...text].map((key, n) => wedge.press(key, start + n * gap)).filter(Boolean);
    const wedge = new Wedge();
    assert.deepEqual(press_all(wedge, "2900000000018", 8), []);
    assert.equal(wedge.press("Enter", 1000 + 13 * 8), "2900000000018");
    assert.equal(wedge.press("Enter", 1200), null, "a second Enter is a person");

    press_all(wedge, "2900000000018", 200, 10_000);
    assert.equal(wedge.press("Enter", 10_000 + 13 * 200), null, "fingers");
    press_all(wedge, "2900000000018", 8, 15_000);
    assert.equal(wedge.press("Enter", 18_000), null, "a person's Enter, long after a scan without");
    press_all(wedge, "123", 8, 20_000);
    assert.equal(wedge.press("Enter", 20_024), null, "too short to be a card");

    press_all(wedge, "99", 8, 30_000);
    press_all(wedge, "QR-", 8, 40_000);
    wedge.press("Shift", 40_026);
    press_all(wedge, "ABCDEF", 8, 40_030);
    assert.equal(wedge.press("Enter", 40_080), "QR-ABCDEF", "old keys are not part of it");
    press_all(wedge, "x".repeat(5_000), 1, 50_000);
    assert.equal(wedge.press("Enter", 55_000).length, 512);
});

test("Japanese and English say the same things", () => {
    const shape = (value, path = "") =>
        value === null || typeof value !== "object"
            ? [`${path}: ${typeof value}`]
            : Object.keys(value).sort().flatMap(key => shape(value[key], `${path}.${key}`));
    assert.deepEqual(shape(languages.en), shape(languages.ja));
});

test("the language is the one chosen, else the browser's, else English", () => {
    assert.equal(language_of("en", "ja-JP"), "en");
    assert.equal(language_of(null, "ja-JP"), "ja");
    assert.equal(language_of(null, "jam"), "en");
    assert.equal(language_of("xx", "fr"), "en");
    assert.equal(language_of(null, undefined), "en");
});

test("spans are read at a glance", () => {
    const min = 60_000;
    const {ja, en} = languages;
    assert.deepEqual([0, 59, 60, 125, 23 * 60 + 59, 49 * 60, -1].map(n => ja.span(n * min)),
                     ["0分", "59分", "1時間", "2時間5分", "23時間", "2日", "0分"]);
    assert.deepEqual([0, 59 * min, 60 * min, 125 * min, 24 * 60 * min, 49 * 60 * min].map(en.span),
                     ["0 min", "59 min", "1 h", "2 h 5 min", "1 day", "2 days"]);
    assert.equal(ja.since(ja.span(1000), 1000), "たった今");
    assert.equal(en.since(en.span(5 * min), 5 * min), "for 5 min");
});

test("an offer without the page's language still says something", () => {
    assert.equal(offer_text({text: {ja: "十", en: "ten"}}, "en"), "ten");
    assert.equal(offer_text({text: {ja: "十"}}, "en"), "十");
    assert.equal(offer_text({text: null, offer: "TEN"}, "en"), "TEN");
    assert.equal(offer_text({text: null, offer: null, coupon: "c1"}, "en"), "c1");
});
