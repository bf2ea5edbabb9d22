// The card of one member: what is expected of them, each with its reason on a tap, and their coupons. No money:
// the page stands where everybody sees it.

import {get} from "./api.js";
import {coupon_card} from "./coupon.js";
import {make, mark, one, say, show_list} from "./dom.js";
import {name_in} from "./moments.js";

const idle_ms = 120_000;
const rank_max = 5;
const coupons_max = 6;

/** With the date, today too: beside other days it would be missed. */
function when_text(view, iso) {
    const at = Date.parse(iso);
    return view.text.date(view.clock.date_of(at), view.clock.time_of_day(at));
}

/** "17:30" of 17.5 hours. */
export function hour_text(hours) {
    const minutes = Math.round(hours * 60);
    return [Math.floor(minutes / 60) % 24, minutes % 60]
        .map(n => String(n).padStart(2, "0")).join(":");
}

/** Why, in words; where there are none, the numbers as they are. */
export function why_text(text, reason) {
    const words = text.why[reason.rule ?? reason.model] ?? text.why[reason.score];
    return words ? words(reason.from)
                 : Object.entries(reason.from).map(([name, value]) => `${name} ${value}`).join(", ");
}

/**
 * What a score says, in the order in which staff ask: [{id, label, value, share, why}]; `share`
 * from 0 to 1 draws a bar. `moment(iso)` writes a time.
 */
export function lines_of(score, text, moment) {
    const why = id => (score.reasons ?? []).filter(reason => reason.score === id)
        .map(reason => why_text(text, reason)).join(" ");
    const lines = [];
    const add = (id, value, share) => {
        if (score[id] === undefined) return;
        lines.push({id, label: text.card_label[id], value: value(score[id]), share,
                    why: why(id)});
    };
    const chance = id => add(id, text.card_chance, score[id]);
    add("stage", stage => text.stage[stage] ?? stage);
    for (const id of ["rfm_r", "rfm_f", "rfm_m"])
        add(id, rank => text.card_rank(rank, rank_max), score[id] / rank_max);
    add("next_visit_at", at => text.card_next(
        moment(at), score.next_visit_lo && moment(score.next_visit_lo),
        score.next_visit_hi && moment(score.next_visit_hi)));
    add("visit_hour_from", from => `${hour_text(from)} – ${hour_text(score.visit_hour_to)}`);
    for (const id of ["p_visit_7d", "p_alive", "p_purchase", "propensity"]) chance(id);
    return lines;
}

function card_line() {
    const label = make("span", "label");
    const value = make("b", "value");
    const bar = make("meter");
    const tap = make("button", "fact", label, value, bar);
    const plain = make("p", "fact");
    const why = make("p", "why small");
    const line = make("li", "", tap, plain, why);
    tap.type = "button";
    mark(bar, "aria-hidden", "true");
    let open = false;
    const show_why = () => {
        mark(tap, "aria-expanded", open);
        why.hidden = !open;
    };
    tap.addEventListener("click", () => {
        open = !open;
        show_why();
    });
    line.update = item => {
        const explained = item.why !== "";
        mark(line, "data-score", item.id);
        tap.hidden = !explained;
        plain.hidden = explained;
        if (label.parentElement !== (explained ? tap : plain))
            (explained ? tap : plain).append(label, value, bar);
        say(label, item.label);
        say(value, item.value);
        bar.hidden = item.share === undefined;
        bar.value = item.share ?? 0;
        say(why, item.why);
        if (!explained) open = false;
        show_why();
    };
    return line;
}

/** The newest first; one that was withheld is nobody's business at the counter. */
export const coupons_of = member =>
    (member.coupons ?? []).filter(c => c.state !== "withheld")
        .sort((a, b) => Date.parse(b.decided_at) - Date.parse(a.decided_at)).slice(0, coupons_max);

export class Card {
    #view;
    #line;
    #dialog = one("#card");
    #member = null;
    #score;  // undefined: not known yet; null: no night has looked at the member
    #coupons = [];
    #failed = false;
    #asked = 0;
    #closing = null;

    /** `view()`: the page's view; `line`: is told when the session has ended. */
    constructor(view, line) {
        this.#view = view;
        this.#line = line;
        one("#card-close").addEventListener("click", () => this.close());
        this.#dialog.addEventListener("close", () => this.#forget());
    }

    async open(member) {
        this.#member = member;
        this.#score = undefined;
        this.#coupons = [];
        this.#failed = false;
        this.show();
        if (!this.#dialog.open) this.#dialog.showModal();
        one("#card-close").focus();
        clearTimeout(this.#closing);
        this.#closing = setTimeout(() => this.close(), idle_ms);
        const asked = ++this.#asked;
        const answer = await get(`/api/v1/members/${encodeURIComponent(member)}`);
        if (asked !== this.#asked) return;
        if (answer.status === 401) return this.#line.sign_out();
        this.#failed = !answer.ok;
        this.#score = answer.ok ? answer.body.score ?? null : undefined;
        this.#coupons = answer.ok ? coupons_of(answer.body) : [];
        this.show();
    }

    show() {
        if (this.#member === null) return;
        const view = this.#view();
        const {text} = view;
        say(one("#card-title"), name_in(view, this.#member));
        say(one("#card-words"), this.#failed              ? text.card_no_answer
                              : this.#score === undefined ? text.checking
                              : this.#score === null      ? text.card_none
                                                          : text.card_note);
        const lines = this.#score ? lines_of(this.#score, text, iso => when_text(view, iso)) : [];
        show_list(one("#card-lines"), lines, line => line.id, card_line);
        // What the stream has told since is newer.
        const coupons = this.#coupons.map(c => ({...c, ...view.state.coupons.get(c.coupon)}));
        say(one("#card-coupons-title"), text.card_coupons);
        one("#card-coupons-title").hidden = coupons.length === 0;
        show_list(one("#card-coupons"), coupons, c => c.coupon, () => coupon_card(this.#view));
        say(one("#card-close"), text.close);
    }

    close() {
        if (this.#dialog.open) this.#dialog.close();
        this.#forget();
    }

    // Nobody's name stays in the page.
    #forget() {
        clearTimeout(this.#closing);
        ++this.#asked;
        this.#member = null;
        this.#score = undefined;
        this.#coupons = [];
        for (const id of ["#card-title", "#card-words", "#card-coupons-title"]) say(one(id), "");
        show_list(one("#card-lines"), [], line => line.id, card_line);
        show_list(one("#card-coupons"), [], c => c.coupon, () => coupon_card(this.#view));
    }
}
