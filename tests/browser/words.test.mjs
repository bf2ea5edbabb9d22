// Names, times, tokens and words of the page.

import assert from "node:assert/strict";
import {test} from "node:test";

import {coupons_of, hour_text, lines_of} from "../../daemon/http/kiosk/card.js";
import {coupon_why, reason_text} from "../../daemon/http/kiosk/coupon.js";
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

// A card as the API gives it, with every rule that a stage can come from.
const record = {x: 2, t_x: 180, t_total: 200};
const rhythm = {gaps: 12, typical_gap_days: 8.6, own_weight: 0.7, silent_days: 3};
const score = {
    stage: "core", rfm_r: 5, rfm_f: 4, rfm_m: 3, p_alive: 0.93, p_purchase: 0.5,
    next_visit_at: "a", next_visit_lo: "b", next_visit_hi: "c", p_visit_7d: 0.1,
    visit_hour_from: 17.5, visit_hour_to: 20, propensity: 0.35, ltv: "12300",
    reasons: [
        {score: "stage", rule: "core_sum", from: {rfm_sum: 12, from: 12}},
        {score: "rfm_r", rule: "quantiles", from: {recency_days: 20, cut_below: 41}},
        {score: "rfm_f", rule: "quantiles", from: {frequency: 3, cut_from: 2}},
        {score: "rfm_m", rule: "never_bought", from: {}},
        {score: "p_alive", model: "mbg_cnbd_k", from: record},
        {score: "ltv", rule: "discounted_purchases", from: {horizon_days: 365}},
        {score: "p_purchase", model: "record", from: {...record, horizon_days: 90}},
        {score: "next_visit_at", model: "rhythm", from: rhythm},
        {score: "p_visit_7d", model: "rhythm", from: rhythm},
        {score: "visit_hour_from", model: "hour_profile", from: {gaps: 12}},
        {score: "propensity", model: "propensity", from: {streak: 1, visits: 9, purchases: 4}},
    ],
};
const stage_rules = {
    new: {purchase_days: 1, purchases_below: 2, seen_days: 5, days_below: 30},
    dormant_days: {silent_days: 91, days_from: 90},
    dormant_alive: {p_alive: 0.1, below: 0.2},
    at_risk_alive: {p_alive: 0.4, below: 0.5},
    core_sum: {rfm_sum: 12, from: 12},
    middle_sum: {rfm_sum: 9, from: 8},
    light: {rfm_sum: 4, below: 8},
};

test("a score card in words: every line with its reason, and no money", () => {
    for (const text of Object.values(languages)) {
        const lines = lines_of(score, text, iso => `<${iso}>`);
        assert.deepEqual(lines.map(line => line.id),
                         ["stage", "rfm_r", "rfm_f", "rfm_m", "next_visit_at", "visit_hour_from",
                          "p_visit_7d", "p_alive", "p_purchase", "propensity"]);
        for (const {id, label, value, why} of lines)
            for (const words of [label, value, why]) {
                assert.ok(words, `${text.tag} ${id}`);
                assert.doesNotMatch(words, /undefined|NaN|12300/, `${text.tag} ${id}`);
            }
        const line = id => lines.find(each => each.id === id);
        assert.match(line("next_visit_at").value, /<a>.*<b>.*<c>/);
        assert.equal(line("visit_hour_from").value, "17:30 – 20:00");
        assert.equal(line("rfm_f").share, 4 / 5);
        for (const [rule, from] of Object.entries(stage_rules)) {
            const [stage] = lines_of({stage: "light", reasons: [{score: "stage", rule, from}]}, text);
            assert.doesNotMatch(stage.why, /undefined|NaN/);
            for (const number of Object.values(from))
                assert.ok(stage.why.includes(number < 1 ? Math.round(number * 100) : number),
                          `${rule}: ${stage.why}`);
        }
    }
});

test("a card that knows little shows what it knows; a reason without words shows its numbers", () => {
    const {en} = languages;
    assert.deepEqual(lines_of({reasons: []}, en), []);
    const [only] = lines_of({stage: "sleepy", reasons: []}, en);
    assert.deepEqual([only.value, only.why], ["sleepy", ""]);
    const [odd] = lines_of({stage: "new", reasons: [{score: "stage", rule: "later", from: {n: 3}}]},
                           en);
    assert.equal(odd.why, "n 3");
    assert.deepEqual([0, 9.25, 24].map(hour_text), ["00:00", "09:15", "00:00"]);
});

test("why a member has a coupon: plain words, in both languages", () => {
    const coupon = {
        moment: "non_purchase_return",
        reasons: ["where: streak >= 2 AND rfm_m >= 3", "streak: 2", "rfm_m: 4",
                  "days_since_coupon: unknown",
                  "target: expected effect 0.031, floor 0.01",
                  "not in the control group, lot 0.42 not below 0.1",
                  "offer TEN: chance 0.617 of 3 offers, answered 4 of 20 times so far"],
    };
    assert.deepEqual(coupon_why(languages.en, coupon), [
        "Came back after leaving without buying.", "Came 2 times in a row without buying.",
        "Money (M) 4 of 5.", "Expected to make buying likelier by 3.1 points.",
        "Drawn from 3 offers with a chance of 62 %."]);
    assert.deepEqual(coupon_why(languages.ja, coupon), [
        "お買い上げなしのあと、再来店されました。", "続けて購入なし2回。", "金額（M） 4 / 5。",
        "このクーポンで購入が増える見込み： 3.1ポイント。",
        "3種類のうち、62 %の確率で選ばれたクーポンです。"]);
});

test("at the counter nothing is said of groups, rules of selection and money", () => {
    for (const {tag} of Object.values(languages))
        for (const reason of ["control group, lot 0.04 below 0.1",
                              "not in the control group, as at the first time",
                              "where: spend > 100", "spend: 120000", "ltv: 3000",
                              "expected_spend: 900", "monetary: 1", "basket_total: 1280",
                              "target: the effect is not learned yet, so everybody is in it"])
            assert.equal(reason_text(languages[tag], reason), "", reason);
    assert.equal(reason_text(languages.en, "seen_days: 31"), "seen days: 31",
                 "what has no words is still said");
});

test("both languages know the same moments, columns and reasons to approach", () => {
    for (const key of ["moment", "why_column", "approach"])
        assert.deepEqual(Object.keys(languages.ja[key]), Object.keys(languages.en[key]), key);
});

test("of a member's coupons the newest come first, and a withheld one not at all", () => {
    const of = (coupon, state, day) => ({coupon, state, decided_at: `2031-05-${day}T10:00:00+09:00`});
    const coupons = [of("a", "expired", "01"), of("b", "withheld", "09"), of("c", "delivered", "08")];
    assert.deepEqual(coupons_of({coupons}).map(c => c.coupon), ["c", "a"]);
    assert.deepEqual(coupons_of({}), []);
});
