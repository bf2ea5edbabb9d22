// What the page knows, as snapshots and events come: the module that the page itself runs.

import assert from "node:assert/strict";
import {test} from "node:test";

import {bounds, came_back, empty, event_types, first_to_approach, here, latest, usable, with_event,
        with_snapshot}
    from "../../daemon/http/kiosk/state.js";

const at = time => `2031-05-12T${time}:00.000+09:00`;
const now = time => Date.parse(at(time));

let cursor = 0;
const event = (type, time, id, data) => ({
    specversion: "1.0", id: `${type}/${id}`, type: `raiten.${type}.v1`, time: at(time),
    cursor: ++cursor, data,
});
const opened = (visit, time, streak = 0) => event("visit.opened", time, visit, {
    visit, member: `member-of-${visit}`, opened_at: at(time), opened_by: "checkin",
    reader: "desk", zone: "floor", streak,
});
const ended = (visit, left, time) => event("visit.ended", time, `${visit}/${Date.parse(at(left))}`, {
    visit, member: `member-of-${visit}`, left_at: at(left), dwell_s: null,
});
const settled = (visit, left, outcome, time) => event("visit.settled", time, visit, {
    visit, member: `member-of-${visit}`, opened_at: at("10:00"), left_at: at(left), outcome,
    spend: "0", streak: 0, revision: 1,
});
const returned = (visit, time, streak) => event("return.detected", time, visit, {
    visit, member: `member-of-${visit}`, streak, previous_visit_at: at("09:00"), gap_s: 172800,
});
const triggered = (coupon, visit, time) => event("coupon.triggered", time, coupon, {
    coupon, campaign: "back", offer: "TEN", member: `member-of-${visit}`, visit,
    moment: "non_purchase_return", decided_at: at(time), expires_at: at("20:00"),
    arm_probability: 1, uplift: null, reasons: [],
});
const redeemed = (coupon, visit, time) => event("coupon.redeemed", time, coupon, {
    ...triggered(coupon, visit, "10:00").data, redeemed_at: at(time), where: "register",
});
const listed = (visit, time, more = {}) => ({
    visit, member: `member-of-${visit}`, state: "open", opened_at: at(time), left_at: at(time),
    outcome: null, streak: 0, zone: "register", ...more,
});
const lists = (visits = [], returns = []) => ({visits, returns, figures: {visits: 1}});
const play = (...events) => events.reduce(with_event, empty());
const visits_of = state => here(state).map(v => v.visit);

test("a visit is here from its opening to its end, the newest first", () => {
    let state = play(opened("v1", "10:00"), opened("v2", "10:05"));
    assert.deepEqual(visits_of(state), ["v2", "v1"]);
    state = with_event(state, ended("v1", "10:20", "10:30"));
    assert.deepEqual(visits_of(state), ["v2"]);
    assert.deepEqual(latest(state).map(i => i.kind), ["ended", "opened", "opened"]);
});

test("an event that comes again changes nothing", () => {
    const events = [opened("v1", "10:00", 2), returned("v1", "10:00", 2),
                    triggered("c1", "v1", "10:00"), redeemed("c1", "v1", "10:05"),
                    ended("v1", "10:20", "10:30"), settled("v1", "10:20", "no_purchase", "10:40")];
    const once = play(...events);
    assert.deepEqual(events.slice(1).reduce(with_event, once), once);
});

test("a coupon that was used stays used, whatever comes late", () => {
    const late = [triggered("c1", "v1", "10:00"),
                  event("coupon.delivered", "10:01", "c1", {coupon: "c1", channel: "kiosk"}),
                  event("coupon.expired", "20:00", "c1", {coupon: "c1"})];
    let state = play(opened("v1", "10:00"), returned("v1", "10:00", 1), late[0],
                     redeemed("c1", "v1", "10:05"));
    for (const each of late) {
        state = with_event(state, each);
        const coupon = state.coupons.get("c1");
        assert.equal(coupon.state, "redeemed");
        assert.equal(coupon.where, "register");
        assert.equal(usable(coupon, now("10:06")), false);
    }
});

test("a coupon can be used until it expires by the store's time", () => {
    const {coupons} = play(triggered("c1", "v1", "10:00"));
    assert.equal(usable(coupons.get("c1"), now("19:59")), true);
    assert.equal(usable(coupons.get("c1"), now("20:00")), false);
});

test("staff never learn who was withheld a coupon", () => {
    const before = play(opened("v1", "10:00"), returned("v1", "10:00", 1));
    const withheld = triggered("c1", "v1", "10:00");
    withheld.type = "raiten.coupon.withheld.v1";
    assert.deepEqual(with_event(before, withheld), before);
    assert.ok(!event_types.includes(withheld.type));
    const told = {...withheld.data, state: "withheld"};
    const listed_too = with_snapshot(before, lists([], [listed("v1", "10:00", {coupons: [told]})]));
    assert.equal(listed_too.coupons.size, 0);
    assert.ok(!JSON.stringify(latest(listed_too)).includes("c1"));
});

test("lists are the truth: what they do not hold is gone, what they know better is taken", () => {
    const guess = play(opened("v1", "10:00"), opened("v2", "10:01"));
    const state = with_snapshot(guess, lists([listed("v2", "10:01", {outcome: "purchase"})]));
    assert.deepEqual(visits_of(state), ["v2"]);
    assert.equal(state.visits.get("v2").zone, "register");
    assert.equal(state.visits.get("v2").outcome, "purchase");
    const again = with_event(state, opened("v2", "10:01"));
    assert.equal(again.visits.get("v2").outcome, "purchase", "an older event takes nothing back");
});

test("who stepped out and in again is here, though the end is told late", () => {
    const state = with_snapshot(empty(), lists([listed("v1", "10:00", {left_at: at("10:32")})]));
    assert.deepEqual(visits_of(with_event(state, ended("v1", "10:20", "10:30"))), ["v1"]);
    assert.deepEqual(visits_of(with_event(state, ended("v1", "10:32", "10:42"))), []);
});

test("a return shows its streak, its gap and its own coupons", () => {
    const state = play(opened("v1", "10:00", 3), returned("v1", "10:00", 3),
                       triggered("c1", "v1", "10:00"), triggered("c2", "v9", "10:00"));
    const [entry, ...others] = came_back(state, now("10:10"));
    assert.equal(others.length, 0);
    assert.equal(entry.streak, 3);
    assert.equal(entry.gap_s, 172800);
    assert.deepEqual(entry.coupons.map(c => c.coupon), ["c1"]);
    assert.deepEqual(latest(state).filter(i => i.visit === "v1").map(i => i.kind).sort(),
                     ["coupon", "return"], "who came back is told once");
    const next_day = now("10:10") + 24 * 3600 * 1000;
    assert.equal(came_back(state, next_day).length, 0);
});

test("a gap that only the stream told is kept when the lists come", () => {
    const heard = play(opened("v1", "10:00", 1), returned("v1", "10:00", 1));
    const state = with_snapshot(heard, lists([], [listed("v1", "10:00", {streak: 1})]));
    assert.equal(came_back(state, now("10:10"))[0].gap_s, 172800);
});

test("a return that the truth undoes disappears, one that changes is renumbered", () => {
    const heard = play(opened("v1", "10:00", 2), returned("v1", "10:00", 2));
    const correct = streak => event("return.corrected", "10:20", `v1/2-${streak}`,
                                    {visit: "v1", member: "m", was_streak: 2, streak});
    const undone = with_event(heard, correct(0));
    assert.equal(came_back(undone, now("10:30")).length, 0);
    assert.deepEqual(latest(undone).map(i => i.kind), ["opened"]);
    assert.equal(undone.visits.get("v1").streak, 0);
    const less = with_event(heard, correct(1));
    assert.equal(came_back(less, now("10:30"))[0].streak, 1);
    assert.equal(latest(less)[0].streak, 1);
});

test("after a reload the lists tell the past, and the stream tells none of it twice", () => {
    const coupon = {...triggered("c1", "v1", "10:00").data, state: "redeemed",
                    closed_at: at("10:05"), where: "kiosk", text: null};
    const visit = listed("v1", "10:00", {state: "ended", left_at: at("10:20"), streak: 1});
    const reloaded = with_snapshot(empty(), {
        ...lists([], [{...visit, coupons: [coupon]}]), recent: [visit],
    });
    assert.deepEqual(latest(reloaded).map(i => i.kind).sort(),
                     ["coupon", "ended", "redeemed", "return"]);
    const heard = [opened("v1", "10:00", 1), returned("v1", "10:00", 1),
                   triggered("c1", "v1", "10:00"), redeemed("c1", "v1", "10:05"),
                   ended("v1", "10:20", "10:30")].reduce(with_event, reloaded);
    assert.equal(latest(heard).length, 4);
});

test("days of events fill no memory", () => {
    let state = empty();
    for (let n = 0; n < 5_000; ++n) {
        state = with_event(state, opened(`v${n}`, "10:00", 1));
        state = with_event(state, returned(`v${n}`, "10:00", 1));
        state = with_event(state, triggered(`c${n}`, `v${n}`, "10:00"));
    }
    assert.equal(state.visits.size, bounds.visits);
    assert.equal(state.returns.size, bounds.returns);
    assert.equal(state.coupons.size, bounds.coupons);
    assert.equal(state.feed.length, bounds.feed);
    assert.ok(state.returns.has("v4999") && state.coupons.has("c4999"), "the newest stay");
});

test("what the page has no rule for changes nothing", () => {
    const state = play(opened("v1", "10:00"));
    assert.equal(with_event(state, event("summary.hourly", "11:00", "1", {})), state);
});

test("whom to approach first: three at most, while they are here and have not bought", () => {
    const visits = ["v1", "v2", "v3", "v4"].map(visit => listed(visit, "10:00"));
    const targets = ["v2", "v1", "v4", "v3"].map(visit => (
        {member: `member-of-${visit}`, visit, reasons: [{reason: "came_back", from: {streak: 1}}]}));
    const seen = state => first_to_approach(state).map(target => target.visit);
    let state = with_snapshot(empty(), {...lists(visits), targets});
    assert.deepEqual(seen(state), ["v2", "v1", "v4"]);
    state = with_event(state, ended("v2", "10:05", "10:20"));
    assert.deepEqual(seen(state), ["v1", "v4"], "who has left is not waited for");
    const bought = visits.map(v => (v.visit === "v1" ? {...v, outcome: "purchase"} : v));
    assert.deepEqual(seen(with_snapshot(state, {...lists(bought), targets})), ["v2", "v4"]);
    assert.deepEqual(seen(with_snapshot(state, lists(visits))), [], "an older store tells nobody");
});
