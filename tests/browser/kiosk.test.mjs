// A day at the kiosk: the real raitend, a real browser.
//
//   RAITEND=build/dev/bin/raitend node --test kiosk.test.mjs
//
// CHROMIUM names another browser, SHOTS a folder for pictures.

import assert from "node:assert/strict";
import {existsSync, mkdirSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";

import {chromium} from "playwright-core";

import {faults_of_page} from "./looks.mjs";
import {Store} from "./store.mjs";

const program = process.env.RAITEND;
const browser_program = process.env.CHROMIUM ?? "/usr/bin/chromium";
const missing = !program ? "RAITEND does not name the program"
              : !existsSync(browser_program) ? `${browser_program} is not there` : false;
const shots = process.env.SHOTS;
const wait_ms = 10_000;

// Later than any browser's clock: the page must go by the store's.
const at = (day, time) => `2031-05-${day}T${time}:00.000+09:00`;
const cards = {
    aoi: "card:2900000000018",
    ren: "card:2900000000025",
    yui: "card:2900000000032",
    sora: "card:2900000000049",
    mei: "card:2900000000056",
    riku: "card:2900000000063",
    kai: "card:2900000000070",
};
const members = {
    aoi: "3f9ae07c51b24d8896f0aa713dd2c21b",
    ren: "b85c1f0e92ad47e3a1670c48e59f7d04",
    yui: "07d4c9335ee84fb18b92d6104a7c9e6f",
    sora: "e1722a9bd06c4d55bc30f7f18ac4583a",
    mei: "5c60fb814e9740a2b7d1927e0af86d93",
    riku: "94ab3d26c7f84e61805be2d7731f40c8",
    kai: "2d08be6147a34c9d9e52f0b63a81c7d6",
};
const short = name => `${members[name].slice(0, 4)}…${members[name].slice(-4)}`;

// Spring at the counter: Kai and others buy every few days, so that one night can score them.
function spring() {
    const names = [members.kai, ...Array.from({length: 60}, (_, n) => `regular-${n}`)];
    let seed = 7;
    const below = count => (seed = (seed * 48_271) % 2_147_483_647) % count;
    const receipts = ["member,at,total,number,kind"];
    const last_day = 95;
    names.forEach((name, n) => {
        const gap = n === 0 ? 9 : 3 + below(30);
        const until = n === 0 ? last_day : 30 + below(65);
        for (let day = below(25); day <= until; day += 1 + below(gap)) {
            const date = new Date(Date.UTC(2031, 0, 30 + day)).toISOString().slice(0, 10);
            receipts.push(`${name},${date}T17:${10 + below(40)}:00+09:00,${300 + 10 * below(200)},`
                          + `${receipts.length},sale`);
        }
    });
    return {
        members: ["member,tokens,consent,staff",
                  ...names.map((name, n) =>
                      `${name},${n === 0 ? cards.kai : `card:29100000${10_000 + n}`},yes,no`),
                  ""].join("\n"),
        receipts: receipts.join("\n") + "\n",
        until: [at("07", "00:00"), at("07", "20:00"), at("08", "10:00")],
    };
}

const offer_ja = "またのご来店ありがとうございます。本日のお買い物が300円引きになります。";
const offer_en = "Good to see you again. 300 yen off anything today.";
const campaign = (id, code, ja, en, more) => ({
    id, moment: "non_purchase_return", where: "streak >= 1", valid_for: "24h",
    offers: [{code, text: {ja, en}, value: "300", cost: "300"}], ...more,
});
const campaigns = [
    campaign("came-back", "WELCOME-300", offer_ja, offer_en, {control: 0}),
    campaign("for-nobody", "CONTROL-999", "対照群には見せない", "not for the control group",
             {control: 0.999999}),
];

let store;
let browser;
let page;
const outside = [];  // requests that leave the store
const troubles = [];  // errors of the page's own

async function open_page(options = {}) {
    const context = await browser.newContext({
        locale: "ja-JP", viewport: {width: 1024, height: 600}, timezoneId: "America/New_York",
        ...options,
    });
    const opened = await context.newPage();
    opened.setDefaultTimeout(wait_ms);
    opened.on("request", request => {
        const url = new URL(request.url());
        if (url.origin !== store.origin && url.protocol !== "data:") outside.push(request.url());
    });
    opened.on("pageerror", error => troubles.push(`${error.stack}`));
    opened.on("console", message => {
        // Chromium reports each refusal and each lost connection by itself; both belong to the day.
        const refusal = message.text().startsWith("Failed to load resource");
        if (["error", "warning"].includes(message.type()) && !refusal) troubles.push(message.text());
    });
    await opened.goto(store.origin);
    return opened;
}

async function sign_in(at_page) {
    await at_page.locator("#sign-in-token").fill(store.tokens.kiosk);
    await at_page.locator("#sign-in-token").press("Enter");
    await live(at_page);
}

const live = at_page => at_page.locator('#connection[data-status="live"]').waitFor();
const text_of = (at_page, selector) => at_page.locator(selector).innerText();
const shows = (at_page, selector, words) =>
    at_page.locator(selector).filter({hasText: words}).first().waitFor();

async function good_looking(at_page, name) {
    if (shots) {
        mkdirSync(shots, {recursive: true});
        await at_page.screenshot({path: join(shots, `${name}.png`), animations: "disabled",
                                  caret: "initial"});
    }
    assert.deepEqual(await at_page.evaluate(faults_of_page), [], name);
}

let check_ins = 0;
const check_in = (who, day, time) => ({
    type: "checkin", at: at(day, time), reader: "till", token: cards[who],
    id: `test-${++check_ins}`,
});
const walk = (who, reader, day, time) => [0, 15, 30].map(seconds => ({
    type: "sighting", at: at(day, time).replace(":00.000", `:${String(seconds).padStart(2, "0")}.000`),
    reader, token: cards[who], rssi: -60,
}));

before(async () => {
    if (missing) return;
    store = await Store.open(program, campaigns, spring());
    browser = await chromium.launch({executablePath: browser_program,
                                     args: ["--no-sandbox", "--disable-gpu"]});
    for (const who of Object.keys(cards)) await store.enrol(cards[who], members[who]);
    // Yesterday and before: who left without buying.
    await store.events(
        check_in("aoi", "08", "11:00"), check_in("mei", "08", "12:00"),
        {type: "tick", at: at("08", "20:00")},
        check_in("aoi", "10", "15:10"), check_in("sora", "10", "16:00"),
        {type: "tick", at: at("10", "20:00")},
    );
});

after(async () => {
    await browser?.close();
    await store?.close();
});

// One day, told in order: after a story that went wrong the later ones have nothing to stand on.
let broken = false;
const story = (name, run) => test(name, {skip: missing, timeout: 120_000}, async () => {
    assert.equal(broken, false, "an earlier story went wrong");
    broken = true;
    try {
        await run();
    } catch (error) {
        if (shots) await page?.screenshot({path: join(shots, "broken.png")}).catch(() => {});
        for (const each of [...troubles, store.said]) console.error(each);
        throw error;
    }
    broken = false;
});

story("nobody sees anything before signing in, and a wrong token changes nothing", async () => {
    page = await open_page();
    await page.locator("#sign-in").waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "ja");
    assert.equal(await page.locator("#panels").isVisible(), false);
    await page.locator("#sign-in-token").fill("not-a-token");
    await page.locator("#sign-in-button").click();
    await shows(page, "#sign-in-result", "このトークンは使えません");
    await good_looking(page, "sign-in");
    await sign_in(page);
    assert.equal(await text_of(page, "#store"), "ginza");
    assert.equal(await text_of(page, "#connection"), "接続中");
    assert.equal(await page.evaluate(() => document.cookie), "", "no script can read the session");
    assert.equal(await page.evaluate(token => JSON.stringify(localStorage).includes(token),
                                     store.tokens.kiosk), false);
    await shows(page, "#here-note", "店内に会員のお客様はいません");
    await good_looking(page, "empty");
});

story("a member who walks in stands on the page at once, with zone and time", async () => {
    await store.events(...walk("ren", "hall", "12", "10:40"));
    const card = page.locator("#here .visit").filter({hasText: short("ren")});
    await card.waitFor();
    await shows(page, "#here .visit .place", "売場");
    assert.match(await card.innerText(), /未購入/);
    assert.equal(await text_of(page, "#figure-present"), "1");
    await store.events({type: "tick", at: at("12", "10:45")});
    await store.events(...walk("ren", "hall", "12", "10:52"));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await shows(page, "#here .visit .since", "12分前から");
    await shows(page, "#latest li", `${short("ren")} 来店`);
});

story("who comes back empty-handed comes with a streak and an offer, in both languages", async () => {
    await store.events(check_in("aoi", "12", "11:00"));
    const card = page.locator("#returns .return").filter({hasText: short("aoi")});
    await card.locator(".coupon .redeem").waitFor();
    assert.match(await card.innerText(), /2回目の再来店/);
    assert.match(await card.innerText(), /前回から1日/);
    await shows(page, "#returns .offer", offer_ja);
    assert.match(await card.innerText(), /WELCOME-300/);
    assert.match(await card.innerText(), /あと2[34]時間/);
    await shows(page, "#news", `再来店： ${short("aoi")}、2回目`);

    await page.getByRole("button", {name: "English"}).click();
    await shows(page, "#returns .offer", offer_en);
    assert.match(await card.innerText(), /back 2× without buying/);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.reload();
    await live(page);
    await shows(page, "#returns .offer", offer_en);
    await good_looking(page, "english");
    await page.getByRole("button", {name: "日本語"}).click();
    await shows(page, "#returns .offer", offer_ja);
});

story("why a member has the coupon is one touch away, and who to walk over to stands on top", async () => {
    const card = page.locator("#returns .return").filter({hasText: short("aoi")});
    assert.equal(await card.locator(".reasons").isVisible(), false);
    await card.getByRole("button", {name: `${short("aoi")} 様のクーポン ${offer_ja} の理由`}).click();
    for (const words of ["お買い上げなしのあと、再来店されました。", "続けて購入なし2回。",
                         "有効期限： 5月13日 11:00"])
        await shows(page, "#returns .reasons", words);
    const first = page.locator("#first .first").first();
    assert.match(await first.innerText(), new RegExp(short("aoi")));
    assert.match(await first.innerText(), /使えるクーポンあり、2回目の再来店/);
    await good_looking(page, "why");
    await page.getByRole("button", {name: "English"}).click();
    await shows(page, "#returns .reasons", "Came 2 times in a row without buying.");
    await shows(page, "#first .first", "has a coupon to use, back 2× without buying");
    await good_looking(page, "why-english");
    await page.getByRole("button", {name: "日本語"}).click();
    await card.locator(".ask").click();
    assert.equal(await card.locator(".reasons").isVisible(), false);
});

story("a coupon that was on screen counts as delivered; a withheld one is nowhere", async () => {
    const coupons = async () => (await store.get("/api/v1/coupons?limit=50")).coupons;
    await page.waitForFunction(async () => {
        const list = await (await fetch("/api/v1/coupons?state=open&limit=50")).json();
        return list.coupons.some(c => c.state === "delivered");
    }, null, {polling: 200});
    const withheld = (await coupons()).filter(c => c.state === "withheld");
    assert.equal(withheld.length > 0, true, "the control group was decided upon");
    const html = await page.content();
    for (const word of ["CONTROL-999", "対照群", "control group", withheld[0].coupon])
        assert.equal(html.includes(word), false, word);
});

story("a coupon is used once, after a question", async () => {
    const card = page.locator("#returns .return").filter({hasText: short("aoi")});
    await card.locator(".redeem").click();
    await shows(page, "#redeem-offer", offer_ja);
    assert.equal(await page.evaluate(() => document.activeElement.id), "redeem-cancel",
                 "a stray Enter uses nothing");
    await good_looking(page, "question");
    await page.keyboard.press("Enter");
    await page.locator("#redeem").waitFor({state: "hidden"});
    assert.equal(await card.locator(".redeem").isVisible(), true);

    await card.locator(".redeem").click();
    await page.locator("#redeem-confirm").click();
    await shows(page, "#redeem-title", "使用しました");
    await shows(page, "#redeem-result", "11:00、キオスクにて。");
    await good_looking(page, "used");
    await page.locator("#redeem-cancel").click();
    await shows(page, "#returns .closed", "使用済み ・ 11:00 ・ キオスク");
    assert.equal(await card.locator(".redeem").isVisible(), false);
    await shows(page, "#latest li", `${short("aoi")} クーポン使用`);
});

story("the second try is told when and where the first was", async () => {
    await store.events(check_in("sora", "12", "11:05"));
    const card = page.locator("#returns .return").filter({hasText: short("sora")});
    await card.locator(".redeem").click();
    const coupon = await card.locator(".coupon").getAttribute("data-coupon");
    // Between the touch and its arrival the register is quicker.
    await page.route("**/redeem", async route => {
        await store.post(`/api/v1/coupons/${coupon}/redeem`, {where: "register"});
        await route.continue();
    });
    await page.locator("#redeem-confirm").click();
    await shows(page, "#redeem-title", "すでに使用されています");
    await shows(page, "#redeem-result", "11:05、レジにて。");
    await page.unroute("**/redeem");
    await good_looking(page, "used-already");
    await page.locator("#redeem-cancel").click();
    await shows(page, "#returns .closed", "使用済み ・ 11:05 ・ レジ");
});

story("a name opens the member's coupons too: what was used, when and where, and why they had it", async () => {
    const sora = page.locator("#returns .return").filter({hasText: short("sora")});
    await sora.locator(".open").click();
    const coupon = page.locator("#card-coupons .coupon");
    await coupon.waitFor();
    assert.match(await coupon.innerText(), /使用済み ・ 11:05 ・ レジ/);
    await coupon.locator(".ask").click();
    assert.match(await coupon.innerText(), /続けて購入なし1回。/);
    await good_looking(page, "card-coupons");
    const html = await page.content();
    assert.equal(html.includes("CONTROL-999"), false);
    await page.locator("#card-close").click();
    await page.locator("#card").waitFor({state: "hidden"});
    assert.equal(await coupon.count(), 0);

    // Using one from here asks the same question.
    await store.events(check_in("yui", "12", "11:06"));
    const aoi = page.locator("#returns .return").filter({hasText: short("aoi")});
    await aoi.locator(".open").click();
    await page.locator("#card-coupons .coupon").first().waitFor();
    assert.equal(await page.locator("#card-coupons .redeem:visible").count(), 0, "it was used");
    await page.keyboard.press("Escape");
});

story("an open question notices that the coupon was used elsewhere", async () => {
    await store.events(check_in("mei", "12", "11:10"));
    const card = page.locator("#returns .return").filter({hasText: short("mei")});
    await card.locator(".redeem").click();
    const coupon = await card.locator(".coupon").getAttribute("data-coupon");
    await store.post(`/api/v1/coupons/${coupon}/redeem`, {where: "reg-2"});
    await shows(page, "#redeem-title", "すでに使用されています");
    await shows(page, "#redeem-result", "11:10、reg-2にて。");
    assert.equal(await page.locator("#redeem-confirm").isVisible(), false);
    await page.keyboard.press("Escape");
    await page.locator("#redeem").waitFor({state: "hidden"});
});

story("an answer that was lost is asked for again, and uses nothing twice", async () => {
    // Away for a day without buying, then back: one more coupon for the same member.
    await store.events({type: "tick", at: at("12", "20:00")}, check_in("mei", "13", "10:30"),
                       ...walk("ren", "mirror", "13", "10:31"));
    const card = page.locator("#returns .return").filter({hasText: short("mei")}).first();
    await card.locator(".redeem:visible").click();
    let lost = 0;
    await page.route("**/redeem", async route => {
        if (lost++ > 0) return route.continue();
        await route.fetch();
        return route.abort();
    });
    await page.locator("#redeem-confirm").click();
    await shows(page, "#redeem-title", "応答がありません");
    await page.locator("#redeem-confirm").filter({hasText: "もう一度確認する"}).waitFor();
    assert.equal(lost, 1);
    await page.unroute("**/redeem");
    await page.locator("#redeem-cancel").click();
    await shows(page, "#returns .closed", "使用済み ・ 10:31 ・ キオスク");
});

story("a card at the counter: typed, in full width, unknown, scanned past the field", async () => {
    const field = page.locator("#check-in-token");
    await field.fill("２９０００００００００３２");
    await field.press("Enter");
    await shows(page, "#check-in-result", `受け付けました： ${short("yui")}`);
    await page.locator(".visit.chosen").filter({hasText: short("yui")}).waitFor();
    assert.equal(await field.inputValue(), "");

    await field.fill("2900000099999");
    await page.locator("#check-in-form button").click();
    await shows(page, "#check-in-result", "登録のないカードです（末尾 9999）");

    // The focus is on a button; what the scanner types there must not press it.
    await page.locator("#sign-out").focus();
    const pressed = await page.evaluate(() =>
        [..."2900000000063", "Enter"].map(key => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}))));
    assert.equal(pressed.at(-1), false, "the scanner's Enter is taken from the button");
    await shows(page, "#check-in-result", `受け付けました： ${short("riku")}`);
    assert.equal(await page.locator("#panels").isVisible(), true);
});

story("the survey: one question, eleven answers, thanks; an answer that was lost counts once", async () => {
    const answers = [];
    await page.route("**/surveys", async route => {
        answers.push({...route.request().postDataJSON(),
                      key: route.request().headers()["idempotency-key"]});
        if (answers.length > 1) return route.continue();
        await route.fetch();
        return route.abort();
    });
    await page.locator("#survey-open").click();
    await shows(page, "#survey-title", "すすめたいと思いますか");
    assert.equal(await page.evaluate(() => document.activeElement.id), "survey-close",
                 "a stray Enter answers nothing");
    await good_looking(page, "survey");
    await page.getByRole("button", {name: "10点中9点"}).click();
    await shows(page, "#survey-words", "つながりません");
    await page.getByRole("button", {name: "10点中9点"}).click();
    await shows(page, "#survey-title", "ありがとうございました");
    await good_looking(page, "survey-thanks");
    assert.deepEqual(answers.map(answer => answer.score), [9, 9]);
    assert.equal(answers[0].key, answers[1].key);
    await page.locator("#survey-close").click();
    await page.unroute("**/surveys");

    await page.getByRole("button", {name: "English"}).click();
    await page.locator("#survey-open").click();
    await shows(page, "#survey-title", "Would you recommend us");
    await page.locator("#survey-close").click();
    await page.locator("#survey").waitFor({state: "hidden"});
    await page.getByRole("button", {name: "日本語"}).click();
});

story("a busy hour on the kiosk and on a phone", async () => {
    await store.events(
        ...walk("ren", "mirror", "13", "10:36"),
        {type: "receipt", at: at("13", "10:38"), pos: "till", number: "000123", kind: "sale",
         token: cards.riku, total: "1280", currency: "JPY",
         lines: [{sku: "4901234567894", quantity: "1", amount: "1280"}]},
        check_in("aoi", "13", "10:40"), check_in("sora", "13", "10:47"),
        {type: "tick", at: at("13", "10:48")},
    );
    await page.locator("#returns .redeem").nth(1).waitFor();
    await shows(page, "#here .visit .bought.yes", "購入済み");
    await page.evaluate(() => document.activeElement.blur());
    await good_looking(page, "kiosk");
    await page.getByRole("button", {name: "English"}).click();
    await page.evaluate(() => document.activeElement.blur());
    await good_looking(page, "kiosk-english");
    await page.getByRole("button", {name: "日本語"}).click();

    const phone = await open_page({viewport: {width: 360, height: 740}, hasTouch: true,
                                   isMobile: true, deviceScaleFactor: 2, reducedMotion: "reduce"});
    await sign_in(phone);
    await phone.locator("#returns .redeem").nth(1).waitFor();
    await good_looking(phone, "phone");
    await phone.locator("#returns .ask:visible").first().tap();
    await phone.locator("#returns .reasons:visible").first().waitFor();
    await good_looking(phone, "phone-why");
    await phone.getByRole("button", {name: "English"}).click();
    await good_looking(phone, "phone-english");
    await phone.locator("#survey-open").click();
    await shows(phone, "#survey-title", "Would you recommend us");
    await good_looking(phone, "phone-survey");
    await phone.context().close();
});

story("everything can be reached by keyboard, in the order in which it is read", async () => {
    await page.reload();
    await live(page);
    const order = [];
    for (let n = 0; n < 40; ++n) {
        await page.keyboard.press("Tab");
        const where = await page.evaluate(() => {
            const focus = document.activeElement;
            return focus === document.body ? null
                : focus.closest("section")?.id ?? (focus.closest("header") ? "header" : focus.className);
        });
        if (where === null) break;
        if (order.at(-1) !== where) order.push(where);
    }
    assert.deepEqual(order, ["skip", "header", "returns", "here", "check-in", "latest"]);
});

story("the line breaks: the page says since when, offers nothing unsure, and comes back", async () => {
    await store.stop();
    await shows(page, "#connection", /^再接続中・10:4\d 時点の表示$/);
    assert.equal(await page.locator("#returns .redeem").first().isDisabled(), true);
    await page.locator("#check-in-token").fill("2900000000032");
    await page.locator("#check-in-token").press("Enter");
    await shows(page, "#check-in-result", "つながりません");
    assert.equal(await page.locator("#check-in-token").inputValue(), "2900000000032",
                 "the number is not lost");
    await good_looking(page, "reconnecting");
    await page.getByRole("button", {name: "English"}).click();
    await shows(page, "#connection", /^reconnecting, data from 10:4\d$/);
    await page.getByRole("button", {name: "日本語"}).click();

    await store.start();
    await live(page);
    await store.events(check_in("kai", "13", "10:55"));
    await shows(page, "#here .name", short("kai"));
    assert.equal(await page.locator("#returns .redeem").first().isEnabled(), true);
});

story("a name opens the score card: what is expected, and on a tap why", async () => {
    const kai = page.locator("#here .visit").filter({hasText: short("kai")});
    await kai.locator(".open").click();
    const line = id => page.locator(`#card-lines [data-score=${id}]`);
    await line("p_alive").waitFor();
    assert.equal(await text_of(page, "#card-title"), short("kai"));
    for (const id of ["stage", "rfm_r", "rfm_f", "rfm_m", "next_visit_at", "visit_hour_from",
                      "p_visit_7d", "p_purchase"])
        assert.equal(await line(id).locator(".fact:visible").count(), 1, id);
    assert.match(await line("next_visit_at").innerText(), /ごろ（.+ から .+ の間）/);
    assert.match(await line("rfm_r").innerText(), /[1-5] \/ 5/);
    const score = (await store.get(`/api/v1/members/${members.kai}`)).score;
    assert.match(await line("p_alive").innerText(),
                 new RegExp(`${Math.round(score.p_alive * 100)}%`));
    const html = await page.locator("#card").innerHTML();
    for (const money of [score.ltv, score.expected_spend])
        assert.equal(html.includes(money), false, "no money where everybody sees it");
    await good_looking(page, "card");

    const why = line("p_alive").locator(".why");
    assert.equal(await why.isVisible(), false);
    await line("p_alive").getByRole("button", {expanded: false}).click();
    assert.match(await why.innerText(), new RegExp(`初回のあと${score.x}回お買い上げ`));
    await line("stage").getByRole("button").click();
    await line("next_visit_at").getByRole("button").click();
    await good_looking(page, "card-why");
    await page.locator("#card-close").click();
    await page.locator("#card").waitFor({state: "hidden"});
    assert.equal((await page.content()).includes(`>${score.next_visit_at}<`), false);

    await page.getByRole("button", {name: "English"}).click();
    await kai.getByRole("button", {name: `Score card of ${short("kai")}`}).click();
    await shows(page, "#card-words", "Press a line to see why.");
    await line("next_visit_at").getByRole("button").click();
    assert.match(await line("next_visit_at").innerText(), /between .+ and .+[^]*usually about/);
    await good_looking(page, "card-english");
    await page.keyboard.press("Escape");

    // Who came first after the last night has none yet; a lost line says so.
    const yui = page.locator("#here .visit").filter({hasText: short("yui")});
    await yui.locator(".open").click();
    await shows(page, "#card-words", "No scores yet");
    await good_looking(page, "card-none");
    await page.locator("#card-close").click();
    await page.route("**/api/v1/members/*", route => route.abort());
    await kai.locator(".open").click();
    await shows(page, "#card-words", "No connection");
    await page.unroute("**/api/v1/members/*");
    await page.locator("#card-close").click();
    await page.getByRole("button", {name: "日本語"}).click();

    const phone = await open_page({viewport: {width: 360, height: 740}, hasTouch: true,
                                   isMobile: true, deviceScaleFactor: 2, reducedMotion: "reduce"});
    await sign_in(phone);
    await phone.locator("#here .visit").filter({hasText: short("kai")}).locator(".open").tap();
    await phone.locator("#card-lines [data-score=p_alive]").waitFor();
    const rank = await phone.locator("#card-lines [data-score=rfm_r] .value").boundingBox();
    assert.ok(rank.height < 40, `a rank is one line, not ${rank.height} px`);
    await good_looking(phone, "phone-card");
    await phone.context().close();
});

story("signing out, or a session that ends, leaves nobody's name on the screen", async () => {
    await page.locator("#sign-out").click();
    await page.locator("#sign-in").waitFor();
    const html = await page.content();
    for (const member of Object.values(members)) assert.equal(html.includes(member), false);
    await sign_in(page);
    await page.locator("#returns .return").first().waitFor();
    await page.context().clearCookies();
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.locator("#sign-in").waitFor();
});

story("nothing left the store, and the page made no mistakes", () => {
    assert.deepEqual(outside, []);
    assert.deepEqual(troubles, []);
});
