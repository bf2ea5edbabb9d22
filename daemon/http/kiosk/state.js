// What the page knows of the store. Pure: a snapshot or an event goes in with a state, the next
// state comes out. Lists are the truth; an event only brings it sooner. Every event may come
// twice, or again after a snapshot that already holds it, and changes nothing then.
//
//   visits   Map visit  -> {visit, member, opened_at, left_at, zone, streak, outcome}, open ones
//   returns  Map visit  -> {visit, member, opened_at, left_at, state, streak, gap_s, outcome}
//   coupons  Map coupon -> {coupon, offer, text, member, visit, expires_at, state, closed_at, where}
//   feed     [{id, at, kind, member, visit, coupon, streak, outcome, offer}], newest first

export const bounds = {visits: 2000, returns: 50, coupons: 200, feed: 40, targets: 3};

export const empty = () => ({
    visits: new Map(),
    returns: new Map(),
    coupons: new Map(),
    feed: [],
    targets: [],  // [{member, visit, reasons}], whom to approach first
    figures: null,
    complete: false,  // a snapshot has been seen
});

const still_open = new Set(["triggered", "delivered"]);

/** Whether a coupon can be used at `now` (milliseconds, the store's time). */
export const usable = (coupon, now) =>
    still_open.has(coupon.state) && Date.parse(coupon.expires_at) > now;

const newest_first = (a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : -1);

function with_feed(feed, items) {
    const by_id = new Map(feed.map(item => [item.id, item]));
    for (const item of items) by_id.set(item.id, {...by_id.get(item.id), ...item});
    return [...by_id.values()].sort(newest_first).slice(0, bounds.feed);
}

function bounded(map, most) {
    while (map.size > most) map.delete(map.keys().next().value);
    return map;
}

const visit_of = v => ({
    visit: v.visit,
    member: v.member,
    opened_at: v.opened_at,
    left_at: v.left_at ?? v.opened_at,
    zone: v.zone ?? null,
    streak: v.streak ?? 0,
    outcome: v.outcome ?? null,
});

const return_of = (v, known) => ({
    visit: v.visit,
    member: v.member,
    opened_at: v.opened_at,
    left_at: v.left_at ?? v.opened_at,
    state: v.state,
    zone: v.zone ?? null,
    streak: v.streak,
    gap_s: v.gap_s ?? known?.gap_s ?? null,
    outcome: v.outcome ?? null,
});

const coupon_of = (c, visit) => ({
    coupon: c.coupon,
    offer: c.offer ?? null,
    text: c.text ?? null,
    member: c.member,
    visit: c.visit ?? visit ?? null,
    decided_at: c.decided_at,
    expires_at: c.expires_at,
    state: c.state,
    closed_at: c.closed_at ?? null,
    where: c.where ?? null,
    moment: c.moment ?? null,
    reasons: c.reasons ?? [],
});

// ---- what a list tells of the past; the ids are those that the stream gives the same facts ----

function history_of_visit(v) {
    const who = {member: v.member, visit: v.visit, streak: v.streak};
    const items = [{...who, id: `visit.opened/${v.visit}`, at: v.opened_at, kind: "opened"}];
    if (v.state !== "open")
        items.push({
            ...who,
            id: `visit.ended/${v.visit}/${Date.parse(v.left_at)}`,
            at: v.left_at,
            kind: "ended",
        });
    return items;
}

const history_of_return = v => ({
    id: `return.detected/${v.visit}`,
    at: v.opened_at,
    kind: "return",
    member: v.member,
    visit: v.visit,
    streak: v.streak,
});

function history_of_coupon(c) {
    const what = {member: c.member, visit: c.visit, coupon: c.coupon, offer: c.offer};
    const items = [{...what, id: `coupon.triggered/${c.coupon}`, at: c.decided_at, kind: "coupon"}];
    if (c.state === "redeemed")
        items.push({...what, id: `coupon.redeemed/${c.coupon}`, at: c.closed_at, kind: "redeemed"});
    return items;
}

/**
 * The lists as they were fetched: `visits` (open), `recent` (any state, may be absent), `returns`
 * (each with its coupons), `targets`, `figures`.
 */
export function with_snapshot(state, {visits, recent = [], returns, targets = [], figures}) {
    const next = {...empty(), figures, complete: true};
    next.targets = targets.slice(0, bounds.targets)
        .map(({member, visit, reasons}) => ({member, visit, reasons}));
    for (const v of visits.filter(v => v.state === "open").slice(0, bounds.visits)) next.visits.set(v.visit, visit_of(v));
    const history = [...visits, ...recent].flatMap(history_of_visit);
    for (const v of returns.slice(0, bounds.returns).reverse()) {
        next.returns.set(v.visit, return_of(v, state.returns.get(v.visit)));
        history.push(history_of_return(v));
        for (const c of v.coupons ?? []) {
            if (c.state === "withheld") continue;
            next.coupons.set(c.coupon, coupon_of(c, v.visit));
            history.push(...history_of_coupon(c));
        }
    }
    bounded(next.coupons, bounds.coupons);
    next.feed = with_feed(state.feed, history);
    return next;
}

// ---- events ----

function changed(map, key, change) {
    if (!map.has(key)) return map;
    return new Map(map).set(key, {...map.get(key), ...change});
}

function added(map, key, value, most) {
    return bounded(new Map(map).set(key, value), most);
}

function without(map, key) {
    if (!map.has(key)) return map;
    const next = new Map(map);
    next.delete(key);
    return next;
}

function opened(state, {id, time, data}) {
    const feed = with_feed(state.feed, [
        {id, at: data.opened_at ?? time, kind: "opened", member: data.member, visit: data.visit,
         streak: data.streak},
    ]);
    if (state.visits.has(data.visit)) return {...state, feed};
    return {...state, feed, visits: added(state.visits, data.visit, visit_of(data), bounds.visits)};
}

// A list that was fetched later may know that the member has stepped in again.
const came_in_again = (known, left_at) =>
    known !== undefined && Date.parse(known.left_at) > Date.parse(left_at);

function ended(state, {id, time, data}) {
    if (came_in_again(state.visits.get(data.visit), data.left_at)) return state;
    return {
        ...state,
        visits: without(state.visits, data.visit),
        returns: changed(state.returns, data.visit, {state: "ended", left_at: data.left_at}),
        feed: with_feed(state.feed, [
            {id, at: data.left_at ?? time, kind: "ended", member: data.member, visit: data.visit},
        ]),
    };
}

function settled(state, {id, time, data}) {
    const {visit, member, left_at, outcome, streak} = data;
    return {
        ...state,
        visits: without(state.visits, visit),
        returns: changed(state.returns, visit, {state: "settled", left_at, outcome, streak}),
        feed: with_feed(state.feed, [{id, at: time, kind: "settled", member, visit, outcome}]),
    };
}

function returned(state, {id, time, data}) {
    const {visit, member, streak, gap_s} = data;
    const known = state.visits.get(visit);
    const entry = state.returns.get(visit)
        ?? return_of({...data, state: "open", opened_at: known?.opened_at ?? time}, null);
    return {
        ...state,
        visits: changed(state.visits, visit, {streak}),
        returns: added(state.returns, visit, {...entry, streak, gap_s}, bounds.returns),
        feed: with_feed(state.feed, [{id, at: time, kind: "return", member, visit, streak}]),
    };
}

function corrected(state, {data: {visit, streak}}) {
    const undone = streak === 0;
    const line = `return.detected/${visit}`;
    return {
        ...state,
        visits: changed(state.visits, visit, {streak}),
        returns: undone ? without(state.returns, visit)
                        : changed(state.returns, visit, {streak}),
        feed: undone ? state.feed.filter(item => item.id !== line)
                     : state.feed.map(item => (item.id === line ? {...item, streak} : item)),
    };
}

function triggered(state, {id, time, data}) {
    const {coupon, member, visit, offer} = data;
    const feed = with_feed(state.feed, [
        {id, at: time, kind: "coupon", member, visit, coupon, offer},
    ]);
    if (state.coupons.has(coupon)) return {...state, feed};
    const fresh = coupon_of({...data, state: "triggered"}, null);
    return {...state, feed, coupons: added(state.coupons, coupon, fresh, bounds.coupons)};
}

function delivered(state, {data}) {
    if (state.coupons.get(data.coupon)?.state !== "triggered") return state;
    return {...state, coupons: changed(state.coupons, data.coupon, {state: "delivered"})};
}

const closing = became => (state, {id, time, data}) => {
    const known = state.coupons.get(data.coupon);
    const closed_at = data.redeemed_at ?? time;
    const feed = became === "redeemed"
        ? with_feed(state.feed, [{id, at: closed_at, kind: "redeemed", member: data.member,
                                  visit: data.visit, coupon: data.coupon, offer: data.offer}])
        : state.feed;
    if (!known || !still_open.has(known.state)) return {...state, feed};
    const change = {state: became, closed_at, where: data.where ?? null};
    return {...state, feed, coupons: changed(state.coupons, data.coupon, change)};
};

const rules = {
    "raiten.visit.opened.v1": opened,
    "raiten.visit.ended.v1": ended,
    "raiten.visit.settled.v1": settled,
    "raiten.visit.amended.v1": settled,
    "raiten.return.detected.v1": returned,
    "raiten.return.corrected.v1": corrected,
    "raiten.coupon.triggered.v1": triggered,
    "raiten.coupon.delivered.v1": delivered,
    "raiten.coupon.redeemed.v1": closing("redeemed"),
    "raiten.coupon.expired.v1": closing("expired"),
    "raiten.coupon.revoked.v1": closing("revoked"),
};

/** Types that the page listens to. A withheld coupon is none of the staff's business. */
export const event_types = Object.keys(rules);

/** `envelope`: CloudEvents, as in the stream. What the page has no rule for changes nothing. */
export function with_event(state, envelope) {
    const rule = rules[envelope.type];
    return rule ? rule(state, envelope) : state;
}

// ---- what the panels show ----

const day_ms = 24 * 3600 * 1000;
const by_opening = (a, b) => Date.parse(b.opened_at) - Date.parse(a.opened_at);

/** Open visits, newest first. */
export const here = state => [...state.visits.values()].sort(by_opening);

// Times are written in the store's own offset, so their dates are the store's.
const is_today = (state, iso) => iso.slice(0, 10) >= (state.figures?.day ?? "");

/** Whom to approach first, while they are here and have not bought. */
export const first_to_approach = state => state.targets.filter(target => {
    const visit = state.visits.get(target.visit);
    return visit !== undefined && visit.outcome !== "purchase";
});

/**
 * Returns of this business day, newest first, each with the `coupons` that were given for it; of
 * the last 24 hours those too that still matter: in the store, or with a coupon to use.
 */
export function came_back(state, now) {
    const coupons = [...state.coupons.values()];
    return [...state.returns.values()]
        .map(r => ({
            ...r,
            zone: state.visits.get(r.visit)?.zone ?? r.zone,
            coupons: coupons.filter(c => c.visit === r.visit),
        }))
        .filter(r => now - Date.parse(r.opened_at) < day_ms)
        .filter(r => r.state === "open" || is_today(state, r.opened_at)
                     || r.coupons.some(c => usable(c, now)))
        .sort(by_opening);
}

/** The feed of this business day; who came back is told once, not as an arrival too. */
export function latest(state) {
    const returns = new Set(state.feed.filter(i => i.kind === "return").map(i => i.visit));
    return state.feed.filter(i => is_today(state, i.at)
                                  && (i.kind !== "opened" || !returns.has(i.visit)));
}
