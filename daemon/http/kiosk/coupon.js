// One coupon: what it offers, until when, why the member has it, and how it ended.

import {make, mark, say, show_list} from "./dom.js";
import {moment_text, name_in, place_text} from "./moments.js";
import {usable} from "./state.js";
import {offer_text} from "./texts.js";

// The page stands where everybody sees it.
const money = new Set(["spend", "monetary", "expected_spend", "ltv", "basket_total", "mean_spend"]);

const offer_reason = /^offer (.+): chance ([\d.e-]+) of (\d+) offers, answered (\d+) of (\d+)/;
const target_reason = /^target: (?:average|expected) effect (-?[\d.e-]+)/;
const column_reason = /^([a-z0-9_]+): (.*)$/;

/** One of the decision's reasons in plain words; "" where it is not for the counter. */
export function reason_text(text, reason) {
    const offer = offer_reason.exec(reason);
    if (offer) return text.why_offer(Number(offer[2]), Number(offer[3]));
    const effect = target_reason.exec(reason);
    if (effect) return text.why_effect(Number(effect[1]));
    const column = column_reason.exec(reason);
    if (!column) return "";  // which group somebody is in is nobody's business here
    const [, name, value] = column;
    if (name === "where" || name === "target" || money.has(name)) return "";
    if (value === "unknown") return "";
    return text.why_column[name]?.(value) ?? `${name.replaceAll("_", " ")}: ${value}`;
}

/** Why a member has this coupon, line by line: the moment first. */
export function coupon_why(text, coupon) {
    const moment = text.moment[coupon.moment] ?? "";
    return [moment, ...(coupon.reasons ?? []).map(reason => reason_text(text, reason))]
        .filter(line => line !== "");
}

const line_of_why = () => {
    const line = make("li");
    line.update = item => say(line, item);
    return line;
};

/** `view_of()`: the page's view. The element's `update(coupon)` brings it in line. */
export function coupon_card(view_of) {
    const words = make("p", "offer");
    const code = make("span", "code");
    const left = make("span", "left");
    const button = make("button", "redeem");
    const done = make("p", "closed");
    const ask = make("button", "ask");
    const reasons = make("ul");
    const until = make("p", "until");
    const why = make("div", "reasons small", reasons, until);
    const card = make("div", "coupon", make("div", "face", words, make("p", "small", code, left)),
                      button, done, ask, why);
    for (const each of [button, ask]) each.type = "button";
    let shown;
    let open_why = false;
    button.addEventListener("click", () => view_of().on_redeem(shown, button));
    ask.addEventListener("click", () => {
        open_why = !open_why;
        card.update(shown);
    });
    card.update = coupon => {
        const view = view_of();
        const {text} = view;
        shown = coupon;
        const now = view.clock.now();
        const open = usable(coupon, now);
        const state = open ? "open" : coupon.state in text.coupon_state ? coupon.state : "expired";
        mark(card, "data-coupon", coupon.coupon);
        mark(card, "data-state", state);
        mark(card, "data-waits", open && coupon.state === "triggered" ? "" : null);
        const offer = offer_text(coupon, view.tag);
        say(words, offer);
        say(code, coupon.offer ?? "");
        say(left, open ? text.expires(text.span(Date.parse(coupon.expires_at) - now)) : "");
        say(button, text.redeem);
        mark(button, "aria-label", text.redeem_for(offer, name_in(view, coupon.member)));
        button.hidden = !open;
        button.disabled = !view.live;
        done.hidden = open;
        if (!open) {
            const when = coupon.closed_at ? moment_text(view, coupon.closed_at) : "";
            say(done, text.coupon_state[state](when, place_text(view, coupon.where)));
        }
        say(ask, text.why_ask);
        mark(ask, "aria-label", text.why_for(offer, name_in(view, coupon.member)));
        mark(ask, "aria-expanded", open_why);
        why.hidden = !open_why;
        show_list(reasons, coupon_why(text, coupon), line => line, line_of_why);
        say(until, text.valid_until(moment_text(view, coupon.expires_at)));
    };
    return card;
}
