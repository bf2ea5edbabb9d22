// The kiosk page: what is known, shown. Everything that happens ends in `show`.

import {call, post} from "./api.js";
import {Card} from "./card.js";
import {CheckIn} from "./check_in.js";
import {StoreClock} from "./clock.js";
import {mark, one, say} from "./dom.js";
import {Line} from "./line.js";
import {name_in} from "./moments.js";
import {short_names} from "./names.js";
import {show_figures, show_first, show_here, show_latest, show_returns} from "./panels.js";
import {Redeem} from "./redeem.js";
import {SignIn} from "./sign_in.js";
import {empty} from "./state.js";
import {Survey} from "./survey.js";
import {language_of, languages} from "./texts.js";

const tick_ms = 10_000;
const seen_ms = 1_000;
const fresh_ms = 3_000;
const told_max = 500;

const clock = new StoreClock();
let state = empty();
let session = null;
let status = "connecting";
let good_at = null;  // when the lists were last right, by the store's clock
let tag = language_of(remembered("language"), navigator.language);
const arrived = new Map();  // visit -> when it was announced, for a few seconds

function remembered(name) {
    try {
        return localStorage.getItem(name);
    } catch {
        return null;  // a browser that keeps nothing still shows everything
    }
}

function remember(name, value) {
    try {
        localStorage.setItem(name, value);
    } catch {
        // see above
    }
}

// ---- the view that the parts share ----

let view = null;

function make_view() {
    const members = [...state.visits.values(), ...state.returns.values(), ...state.feed,
                     ...state.coupons.values(), ...state.targets].map(item => item.member);
    return {
        state,
        tag,
        clock,
        text: languages[tag],
        names: short_names(members),
        live: status === "live",
        signed_in: status !== "signed_out",
        fresh: visit => performance.now() - (arrived.get(visit) ?? -Infinity) < fresh_ms,
        chosen: visit => check_in.chosen(visit),
        on_member: member => card.open(member),
        on_redeem: (coupon, opener) => {
            card.close();  // one question at a time
            redeem.ask(coupon, opener);
        },
    };
}

const view_of = () => view;

// ---- the line ----

const line = new Line(clock, {
    session(known) {
        session = known;
    },
    change(next, news) {
        state = next(state);
        if (news) announce(news);
        soon();
    },
    status(now) {
        if (now === "live") good_at = clock.now();
        if (now === "signed_out") forget();
        const asked = now === "signed_out" && status !== now;
        status = now;
        show();
        if (asked) sign_in.focus();
    },
    began_anew() {
        state = empty();
    },
});

// Whoever stands before a page that is signed out sees nobody.
function forget() {
    state = empty();
    session = null;
    good_at = null;
    redeem.close();
    card.close();
    survey.close();
}

function announce({type, data}) {
    const now = performance.now();
    for (const [visit, at] of arrived) if (now - at > fresh_ms) arrived.delete(visit);
    if (type === "raiten.visit.opened.v1" || type === "raiten.return.detected.v1")
        arrived.set(data.visit, now);
    if (type !== "raiten.return.detected.v1") return;
    view = make_view();
    say(one("#news"), view.text.news_return(name_in(view, data.member), data.streak));
}

// ---- coupons that were really on screen ----

const told = new Set();
const in_sight = new Map();
const eyes = new IntersectionObserver(entries => {
    for (const entry of entries) {
        clearTimeout(in_sight.get(entry.target));
        in_sight.delete(entry.target);
        if (entry.isIntersecting)
            in_sight.set(entry.target, setTimeout(() => tell_delivered(entry.target), seen_ms));
    }
}, {threshold: 0.6});
const watched = new Set();

async function tell_delivered(card) {
    const coupon = card.dataset.coupon;
    if (document.visibilityState !== "visible" || status !== "live" || told.has(coupon)) return;
    if (card.dataset.waits === undefined) return;
    told.add(coupon);
    if (told.size > told_max) told.delete(told.values().next().value);
    const path = `/api/v1/coupons/${encodeURIComponent(coupon)}/delivered`;
    const answer = await post(path, {channel: "kiosk"});
    if (answer.status === 401) line.sign_out();
    if (answer.status === 0 || answer.status >= 500) told.delete(coupon);
}

function watch_coupons() {
    const cards = new Set(document.querySelectorAll('.coupon[data-state="open"]'));
    for (const card of watched) {
        if (cards.has(card)) continue;
        eyes.unobserve(card);
        clearTimeout(in_sight.get(card));
        in_sight.delete(card);
        watched.delete(card);
    }
    for (const card of cards) {
        const waits = card.dataset.waits !== undefined && !told.has(card.dataset.coupon);
        if (!waits || in_sight.has(card)) continue;
        eyes.unobserve(card);  // observing anew reports where it is now
        eyes.observe(card);
        watched.add(card);
    }
}

// ---- parts and showing ----

const redeem = new Redeem(view_of, line);
const card = new Card(view_of, line);
const check_in = new CheckIn(view_of, line);
const survey = new Survey(view_of, line);
const sign_in = new SignIn(view_of, () => {
    status = "connecting";
    show();
    one("#returns-title").focus();
    line.start();
});

function show_head() {
    const {text} = view;
    const store = session?.store ?? "Raiten";
    document.documentElement.lang = text.tag;
    document.title = text.title(store);
    say(one("#store"), store);
    const words = {
        connecting: text.connecting,
        live: text.live,
        reconnecting: text.reconnecting(good_at === null ? null : clock.time_of_day(good_at)),
        signed_out: text.signed_out,
    };
    mark(one("#connection"), "data-status", status);
    say(one("#connection-words"), words[status]);
    one("#sign-out").hidden = session === null;
    say(one("#who"), session ? text.signed_in(session.device, session.role) : "");
    for (const button of document.querySelectorAll("[data-language]"))
        mark(button, "aria-pressed", button.dataset.language === tag);
}

function show_words() {
    for (const element of document.querySelectorAll("[data-text]"))
        say(element, view.text[element.dataset.text]);
    for (const element of document.querySelectorAll("[data-label]"))
        mark(element, "aria-label", view.text[element.dataset.label]);
}

function show() {
    view = make_view();
    show_head();
    show_words();
    one("#panels").hidden = !view.signed_in;
    one(".figures").hidden = !view.signed_in;
    one("#sign-in").hidden = view.signed_in;
    mark(one("body"), "data-status", status);
    show_figures(view);
    show_returns(view_of);
    show_first(view_of);
    show_here(view_of);
    show_latest(view_of);
    redeem.show();
    card.show();
    check_in.show();
    survey.show();
    sign_in.show();
    watch_coupons();
}

let waiting = false;
function soon() {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
        waiting = false;
        show();
    });
}

for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => {
        tag = button.dataset.language;
        remember("language", tag);
        show();
    });
one("#sign-out").addEventListener("click", async () => {
    const answer = await call("DELETE", "/api/v1/session");
    if (answer.ok || answer.status === 401) line.sign_out();
});
setInterval(() => {
    if (document.visibilityState === "visible") show();
}, tick_ms);
document.addEventListener("visibilitychange", soon);

show();
line.start();
