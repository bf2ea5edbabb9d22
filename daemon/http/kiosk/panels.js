// The four panels: figures, who came back, who is here, the latest. Each `show_…` gets the whole
// view and brings its part of the document in line with it.
//
//   view: {state, text, tag, clock, names, live, fresh(visit), chosen(visit), on_member(member),
//         on_redeem(coupon)}

import {coupon_card} from "./coupon.js";
import {make, mark, one, say, show_list} from "./dom.js";
import {moment_text, name_in} from "./moments.js";
import {tint_of} from "./names.js";
import {came_back, first_to_approach, here, latest} from "./state.js";

const cards_max = 60;
const returns_max = 20;
const tints = 6;
const short_chars_max = 20;  // what is longer may break over lines

const zone_text = (view, zone) => (zone ? view.text.zone[zone] ?? zone : "");

function seal(member) {
    const mark_of = make("span", `seal tint-${tint_of(member, tints)}`, member.slice(-2));
    mark_of.setAttribute("aria-hidden", "true");
    return mark_of;
}

/** A heading with the member's name; pressing it opens the score card. */
function name_heading(view_of, member) {
    const button = make("button", "open");
    button.type = "button";
    button.addEventListener("click", () => view_of().on_member(member));
    const heading = make("h3", "name", button);
    heading.update = () => {
        const view = view_of();
        const name = name_in(view, member);
        say(button, name);
        heading.classList.toggle("long", name.length > short_chars_max);
        mark(button, "title", member);
        mark(button, "aria-label", view.text.card_open(name));
    };
    return heading;
}

/** The sentence of an empty panel, and how many more there are than it shows. */
function footnote(element, view, count, shown, nobody) {
    const words = !view.state.complete ? view.text.waiting
                : count === 0          ? nobody
                : count > shown        ? view.text.more(count - shown)
                                       : "";
    say(element, words);
    element.hidden = words === "";
}

// ---- figures ----

export function show_figures(view) {
    const figures = view.state.figures;
    const values = {
        visits: figures?.visits,
        present: view.state.complete ? view.state.visits.size : undefined,
        returns: figures?.returns,
        coupons: figures?.coupons,
    };
    for (const [name, value] of Object.entries(values))
        say(one(`#figure-${name}`), value === undefined ? "–" : String(value));
}

// ---- who came back, and what to offer ----

function return_card(view_of, entry) {
    const name = name_heading(view_of, entry.member);
    const streak = make("span", "streak");
    const gap = make("span", "gap");
    const place = make("span", "place");
    const since = make("span", "since");
    const bought = make("span", "bought");
    const coupons = make("div", "coupons");
    const card = make("li", "return",
                      make("div", "who", seal(entry.member), name,
                           make("p", "small", bought, place, since),
                           make("p", "back", streak, gap)),
                      coupons);
    if (view_of().fresh(entry.visit)) card.classList.add("fresh");
    card.update = item => {
        const view = view_of();
        const away = view.clock.now() - Date.parse(item.opened_at);
        const in_store = item.state === "open";
        mark(card, "data-visit", item.visit);
        card.classList.toggle("gone", !in_store);
        card.classList.toggle("chosen", view.chosen(item.visit));
        name.update();
        say(streak, view.text.streak(item.streak));
        say(gap, item.gap_s === null ? "" : view.text.gap(view.text.span(item.gap_s * 1000)));
        say(place, in_store ? zone_text(view, item.zone)
                            : view.text.left(moment_text(view, item.left_at)));
        say(since, in_store ? view.text.since(view.text.span(away), away) : "");
        say(bought, item.outcome === "purchase" ? view.text.bought : "");
        show_list(coupons, item.coupons, c => c.coupon, () => coupon_card(view_of));
    };
    return card;
}

export function show_returns(view_of) {
    const view = view_of();
    const all = came_back(view.state, view.clock.now());
    const shown = all.slice(0, returns_max);
    show_list(one("#returns-list"), shown, r => r.visit, entry => return_card(view_of, entry));
    footnote(one("#returns-note"), view, all.length, shown.length, view.text.nobody_back);
}

// ---- who is here, and whom to approach first ----

function first_line(view_of, entry) {
    const name = name_heading(view_of, entry.member);
    const why = make("p", "small");
    const line = make("li", "first", name, why);
    line.update = item => {
        const view = view_of();
        mark(line, "data-visit", item.visit);
        name.update();
        say(why, item.reasons.map(reason => view.text.approach[reason.reason]?.(reason.from) ?? "")
            .filter(words => words !== "").join(view.text.and));
    };
    return line;
}

export function show_first(view_of) {
    const all = first_to_approach(view_of().state);
    show_list(one("#first-list"), all, t => t.visit, entry => first_line(view_of, entry));
    one("#first").hidden = all.length === 0;
}

function visit_card(view_of, entry) {
    const name = name_heading(view_of, entry.member);
    const place = make("span", "place");
    const since = make("span", "since");
    const streak = make("span", "streak");
    const bought = make("span", "bought");
    const card = make("li", "visit who", seal(entry.member), name, make("p", "small", bought),
                      make("p", "back", make("span", "small", place, since), streak));
    if (view_of().fresh(entry.visit)) card.classList.add("fresh");
    card.update = item => {
        const view = view_of();
        const stay = view.clock.now() - Date.parse(item.opened_at);
        const has_bought = item.outcome === "purchase";
        mark(card, "data-visit", item.visit);
        card.classList.toggle("chosen", view.chosen(item.visit));
        name.update();
        say(place, zone_text(view, item.zone));
        say(since, view.text.since(view.text.span(stay), stay));
        say(bought, has_bought ? view.text.bought : view.text.not_yet);
        bought.classList.toggle("yes", has_bought);
        say(streak, item.streak > 0 ? view.text.streak(item.streak) : "");
    };
    return card;
}

export function show_here(view_of) {
    const view = view_of();
    const all = here(view.state);
    const shown = all.slice(0, cards_max);
    show_list(one("#here-list"), shown, v => v.visit, entry => visit_card(view_of, entry));
    footnote(one("#here-note"), view, all.length, shown.length, view.text.nobody_here);
}

// ---- the latest ----

function feed_line(view_of) {
    const time = make("time");
    const name = make("b", "");
    const words = make("span", "words");
    const line = make("li", "", time, make("p", "", name, " ", words));
    line.update = item => {
        const view = view_of();
        mark(line, "data-kind", item.kind === "settled" ? `settled-${item.outcome}` : item.kind);
        mark(time, "datetime", item.at);
        say(time, moment_text(view, item.at));
        say(name, name_in(view, item.member));
        say(words, view.text.feed[item.kind](item));
    };
    return line;
}

export function show_latest(view_of) {
    const view = view_of();
    const items = latest(view.state);
    show_list(one("#latest-list"), items, i => i.id, () => feed_line(view_of));
    footnote(one("#latest-note"), view, items.length, items.length, view.text.nothing_yet);
}
