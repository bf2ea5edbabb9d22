// Using a coupon, with a question before and a clear word after. The key stays the same until the
// store has answered, so that asking again never uses a coupon twice.

import {post} from "./api.js";
import {one, say} from "./dom.js";
import {moment_text, name_in, place_text} from "./moments.js";
import {usable} from "./state.js";
import {offer_text} from "./texts.js";

const result_shown_ms = 20_000;

export class Redeem {
    #view;
    #line;
    #dialog = one("#redeem");
    #coupon = null;
    #key = "";
    #phase = "ask";  // ask, checking, unknown, done
    #result = null;  // view => {tone, title, words}
    #closing = null;
    #opener = null;

    /** `view()`: the page's view; `line`: is told what happened here. */
    constructor(view, line) {
        this.#view = view;
        this.#line = line;
        one("#redeem-confirm").addEventListener("click", () => this.#confirm());
        one("#redeem-cancel").addEventListener("click", () => this.#dialog.close());
        this.#dialog.addEventListener("cancel", event => {
            if (this.#phase === "checking") event.preventDefault();
        });
        this.#dialog.addEventListener("close", () => this.#closed());
    }

    ask(coupon, opener) {
        this.#coupon = coupon;
        this.#opener = opener;
        this.#key = crypto.randomUUID();
        this.#phase = "ask";
        this.#result = null;
        this.show();
        this.#dialog.showModal();
        one("#redeem-cancel").focus();
    }

    /** Brings the open dialog in line with what is known now. */
    show() {
        if (this.#coupon === null) return;
        const view = this.#view();
        const {text, tag} = view;
        const coupon = view.state.coupons.get(this.#coupon.coupon) ?? this.#coupon;
        if (this.#phase === "ask" && !usable(coupon, view.clock.now())) this.#finish(closed(coupon));

        say(one("#redeem-offer"), offer_text(coupon, tag));
        say(one("#redeem-code"), coupon.offer ?? "");
        say(one("#redeem-member-label"), text.member);
        say(one("#redeem-member"), name_in(view, coupon.member));
        one("#redeem-member").title = coupon.member;

        const word = this.#phase === "checking"
            ? {tone: "calm", title: text.checking_title, words: text.checking}
            : this.#result?.(view) ?? {tone: "calm", title: text.ask, words: text.ask_note};
        this.#dialog.dataset.tone = word.tone;
        this.#dialog.dataset.phase = this.#phase;
        say(one("#redeem-title"), word.title);
        say(one("#redeem-result"), word.words);

        const confirm = one("#redeem-confirm");
        confirm.hidden = this.#phase === "done";
        confirm.disabled = this.#phase === "checking" || !view.live;
        say(confirm, this.#phase === "unknown" ? text.again : text.confirm);
        one("#redeem-cancel").disabled = this.#phase === "checking";
        say(one("#redeem-cancel"), this.#phase === "ask" ? text.cancel : text.close);
    }

    close() {
        if (this.#dialog.open) this.#dialog.close();
    }

    #finish(result) {
        this.#phase = "done";
        this.#result = result;
        clearTimeout(this.#closing);
        this.#closing = setTimeout(() => this.close(), result_shown_ms);
    }

    async #confirm() {
        if (this.#phase !== "ask" && this.#phase !== "unknown") return;
        const coupon = this.#coupon;
        this.#phase = "checking";
        this.show();
        const path = `/api/v1/coupons/${encodeURIComponent(coupon.coupon)}/redeem`;
        const answer = await post(path, {where: "kiosk"}, this.#key);
        if (this.#coupon !== coupon) return;
        this.#take(coupon, answer);
        this.show();
        one("#redeem-cancel").focus();
    }

    #take(coupon, {status, ok, body}) {
        const cannot = words => view => ({tone: "bad", title: view.text.cannot, words: words(view)});
        if (ok) {
            const {closed_at, where} = body?.coupon ?? {};
            this.#tell_used(coupon, closed_at, where);
            this.#finish(used("good", "redeemed", closed_at, where));
        } else if (status === 409 && body?.redeemed_at) {
            this.#tell_used(coupon, body.redeemed_at, body.where);
            this.#finish(used("bad", "used_already", body.redeemed_at, body.where));
        } else if (status === 410) {
            this.#finish(cannot(view => view.text.not_usable));
        } else if (status === 404) {
            this.#finish(cannot(view => view.text.not_ours));
        } else if (status === 401) {
            this.#line.sign_out();
        } else if (status === 0 || status >= 500) {
            this.#phase = "unknown";
            this.#result = ({text}) => ({tone: "bad", title: text.unknown, words: text.no_answer});
        } else {
            this.#finish(cannot(() => body?.detail ?? ""));
        }
        this.#line.refresh();
    }

    #tell_used(coupon, redeemed_at, where) {
        if (!redeemed_at) return;
        this.#line.happened({
            id: `coupon.redeemed/${coupon.coupon}`,
            type: "raiten.coupon.redeemed.v1",
            time: redeemed_at,
            data: {...coupon, redeemed_at, where},
        });
    }

    #closed() {
        clearTimeout(this.#closing);
        this.#coupon = null;
        const opener = this.#opener;
        this.#opener = null;
        if (opener?.isConnected && !opener.hidden && !opener.disabled) opener.focus();
        else one("#returns-title").focus();
    }
}

// "Used" or "Already used", with when and where.
const used = (tone, title, at, where) => view => ({
    tone,
    title: view.text[title],
    words: at ? view.text.used_when(moment_text(view, at), place_text(view, where)) : "",
});

const closed = coupon =>
    coupon.state === "redeemed"
        ? used("bad", "used_already", coupon.closed_at, coupon.where)
        : ({text}) => ({tone: "bad", title: text.cannot, words: text.not_usable});
