// Every word of the page, in each language. A function where the sentence needs a value.

const exact_hours = 6;  // from here on, minutes are only noise

const spans = (ms, unit) => {
    const minutes = Math.max(0, Math.floor(ms / 60_000));
    const hours = Math.floor(minutes / 60);
    if (minutes < 60) return unit.minutes(minutes);
    if (hours < 24) return unit.hours(hours, hours < exact_hours ? minutes % 60 : 0);
    return unit.days(Math.floor(hours / 24));
};

const share = p => `${Math.round(p * 100)} %`;

// What the models of buying know of a member: purchases after the first, and when.
const record_ja = f => `初回のあと${f.x}回お買い上げ、最後は初回から${Math.round(f.t_x)}日目（全${Math.round(f.t_total)}日）。`;
const record_en = f =>
    `Bought ${f.x}× after the first time, last ${Math.round(f.t_x)} of ${Math.round(f.t_total)} days after it.`;

const ja = {
    tag: "ja",
    title: store => `${store} ・ Raiten 来店`,
    skip: "チェックインへ移動",
    visits: "来店",
    present: "店内",
    returns: "未購入から再来店",
    coupons: "クーポン",
    figures: "今日の数字",
    language: "表示言語",
    connecting: "接続しています",
    live: "接続中",
    reconnecting: time => (time ? `再接続中・${time} 時点の表示` : "再接続中"),
    signed_in: (device, role) => `${device} ・ ${role}`,
    signed_out: "サインインが必要です",

    came_back: "再来店のお客様",
    came_back_note: "前回はお買い上げなし",
    here: "店内のお客様",
    latest: "最近の動き",
    nobody_back: "まだいらっしゃいません。戻られたお客様がここに表示されます。",
    nobody_here: "店内に会員のお客様はいません。",
    nothing_yet: "まだ動きはありません。",
    waiting: "店舗の情報を待っています。",
    more: n => `ほか ${n} 名`,

    span: ms => spans(ms, {
        minutes: n => `${n}分`,
        hours: (h, m) => (m ? `${h}時間${m}分` : `${h}時間`),
        days: n => `${n}日`,
    }),
    since: (span, ms) => (ms < 60_000 ? "たった今" : `${span}前から`),
    streak: n => `${n}回目の再来店`,
    gap: span => `前回から${span}`,
    left: time => `${time} 退店`,
    bought: "購入済み",
    not_yet: "未購入",
    zone: {entrance: "入口", floor: "売場", register: "レジ", fitting: "試着室"},

    redeem: "使用",
    redeem_for: (offer, name) => `${name} 様のクーポン ${offer} を使用`,
    expires: span => `あと${span}`,
    coupon_state: {
        redeemed: (when, where) => `使用済み ・ ${when}${where ? ` ・ ${where}` : ""}`,
        expired: () => "期限切れ",
        revoked: () => "取り消されました",
    },
    where: {kiosk: "キオスク", register: "レジ", pos: "レジ"},
    date: ({month, day}, time) => `${month}月${day}日 ${time}`,

    ask: "このクーポンを使用しますか？",
    ask_note: "使用できるのは一度だけです。",
    confirm: "使用する",
    cancel: "やめる",
    close: "閉じる",
    again: "もう一度確認する",
    checking: "少しお待ちください。",
    checking_title: "確認しています",
    redeemed: "使用しました",
    used_already: "すでに使用されています",
    cannot: "使用できません",
    unknown: "応答がありません",
    used_when: (when, where) => (where ? `${when}、${where}にて。` : `${when}`),
    not_usable: "期限切れか、取り消されたクーポンです。",
    not_ours: "このクーポンは見つかりません。",
    no_answer: "使用されたかまだ分かりません。もう一度確認しても、二重に使用されることはありません。",
    member: "お客様",

    check_in: "チェックイン",
    check_in_label: "スキャン、または番号を入力",
    check_in_button: "受付",
    check_in_sending: tail => `…${tail} を確認しています。`,
    check_in_accepted: name => (name ? `受け付けました： ${name}` : "受け付けました。"),
    check_in_duplicate: name => (name ? `すでに受付済みです： ${name}` : "すでに受付済みです。"),
    check_in_left_out: "受け付けました。（来店には数えない番号です）",
    check_in_unknown: tail => `登録のないカードです（末尾 ${tail}）。`,
    check_in_refused: tail => `読み取れない番号です（末尾 ${tail}）。`,
    check_in_no_answer: "つながりません。番号は残してあります。もう一度お試しください。",

    card_open: name => `${name} 様のスコアカードを見る`,
    card_note: "項目を押すと、その理由が表示されます。",
    card_none: "まだスコアはありません。毎晩、会員ごとに計算されます。",
    card_no_answer: "つながりません。閉じてもう一度お試しください。",
    card_label: {
        stage: "ステージ",
        rfm_r: "最近さ（R）",
        rfm_f: "頻度（F）",
        rfm_m: "金額（M）",
        next_visit_at: "次のご来店",
        visit_hour_from: "来やすい時間帯",
        p_visit_7d: "7日以内のご来店",
        p_alive: "継続中の見込み",
        p_purchase: "再購入の見込み",
        propensity: "今回の購入見込み",
    },
    card_rank: (rank, most) => `${rank} / ${most}`,
    card_next: (at, lo, hi) => `${at} ごろ${lo ? `（${lo} から ${hi} の間）` : ""}`,
    card_chance: p => `${p >= .75 ? "高い" : p >= .4 ? "中くらい" : "低い"} ・ ${Math.round(p * 100)}%`,
    stage: {new: "新規", light: "ライト", middle: "ミドル", core: "コア", at_risk: "離反の恐れ",
            dormant: "休眠"},
    why: {
        new: f => `お買い上げ${f.purchase_days}日（${f.purchases_below}日未満）、初来店から${f.seen_days}日（${f.days_below}日未満）。`,
        dormant_days: f => `${f.silent_days}日間ご来店なし（${f.days_from}日以上）。`,
        dormant_alive: f => `継続中の見込み${share(f.p_alive)}が${share(f.below)}未満。`,
        at_risk_alive: f => `継続中の見込み${share(f.p_alive)}が${share(f.below)}未満。`,
        core_sum: f => `R・F・Mの合計${f.rfm_sum}（${f.from}以上）。`,
        middle_sum: f => `R・F・Mの合計${f.rfm_sum}（${f.from}以上）。`,
        light: f => `R・F・Mの合計${f.rfm_sum}（${f.below}未満）。`,
        never_bought: () => "お買い上げはまだありません。",
        rfm_r: f => `前回から${f.recency_days}日。ほかの会員と比べた順位です。`,
        rfm_f: f => `この1年のお買い上げ${f.frequency}日。ほかの会員と比べた順位です。`,
        rfm_m: () => "この1年の金額を、ほかの会員と比べた順位です。",
        rhythm: f => `これまでの間隔${f.gaps}回、ふだんは約${Math.round(f.typical_gap_days)}日ごと。前回のご来店から${f.silent_days}日。`,
        hour_profile: f => `これまでのご来店の時刻から（間隔${f.gaps}回）。`,
        p_alive: f => record_ja(f),
        p_purchase: f => `${record_ja(f)}今後${f.horizon_days}日。`,
        propensity: f => `続けて購入なし${f.streak}回、滞在${Math.round(f.dwell_min ?? 0)}分。これまでの来店${f.visits}回のうち購入${f.purchases}回。`,
    },

    survey_open: "アンケート",
    survey_ask: "このお店を、ご友人やご家族にすすめたいと思いますか？",
    survey_note: "お名前は記録しません。",
    survey_least: "0 ・ 思わない",
    survey_most: "10 ・ とても思う",
    survey_score: n => `10点中${n}点`,
    survey_sending: "お送りしています。",
    survey_thanks: "ありがとうございました",
    survey_thanks_note: "またのご来店をお待ちしております。",
    survey_no_answer: "つながりません。もう一度押してください。",

    sign_out: "サインアウト",
    sign_in: "サインイン",
    sign_in_note: "このキオスク用のトークンを一度だけ入力してください。",
    sign_in_label: "トークン",
    sign_in_button: "サインイン",
    sign_in_wrong: "このトークンは使えません。",
    sign_in_no_answer: "店舗のコンピューターにつながりません。もう一度お試しください。",

    news_return: (name, n) => `再来店： ${name}、${n}回目`,
    feed: {
        opened: () => "来店",
        ended: () => "退店",
        return: i => `${i.streak}回目の再来店`,
        coupon: () => "クーポン発行",
        redeemed: () => "クーポン使用",
        settled: i => (i.outcome === "purchase" ? "お買い上げ" : "お買い上げなし"),
    },
};

const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

const en = {
    tag: "en",
    title: store => `${store} · Raiten`,
    skip: "Go to check-in",
    visits: "visits",
    present: "in store",
    returns: "back empty-handed",
    coupons: "coupons",
    figures: "Figures of today",
    language: "Language",
    connecting: "connecting",
    live: "live",
    reconnecting: time => (time ? `reconnecting, data from ${time}` : "reconnecting"),
    signed_in: (device, role) => `${device} · ${role}`,
    signed_out: "sign-in needed",

    came_back: "Came back",
    came_back_note: "left without buying last time",
    here: "Who is here",
    latest: "Latest",
    nobody_back: "Nobody so far. Members who return will stand here.",
    nobody_here: "No members in the store.",
    nothing_yet: "Nothing has happened yet.",
    waiting: "Waiting for the store.",
    more: n => `and ${n} more`,

    span: ms => spans(ms, {
        minutes: n => `${n} min`,
        hours: (h, m) => (m ? `${h} h ${m} min` : `${h} h`),
        days: n => plural(n, "day", "days"),
    }),
    since: (span, ms) => (ms < 60_000 ? "just now" : `for ${span}`),
    streak: n => `back ${n}× without buying`,
    gap: span => `after ${span}`,
    left: time => `left ${time}`,
    bought: "bought",
    not_yet: "not yet",
    zone: {entrance: "entrance", floor: "floor", register: "register", fitting: "fitting room"},

    redeem: "Redeem",
    redeem_for: (offer, name) => `Redeem ${offer} for ${name}`,
    expires: span => `${span} left`,
    coupon_state: {
        redeemed: (when, where) => `used ${when}${where ? `, ${where}` : ""}`,
        expired: () => "expired",
        revoked: () => "withdrawn",
    },
    where: {kiosk: "at the kiosk", register: "at the register", pos: "at the register"},
    date: ({month, day}, time) =>
        `${day} ${"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[month - 1]}, ${time}`,

    ask: "Use this coupon now?",
    ask_note: "It works once.",
    confirm: "Use it now",
    cancel: "Not now",
    close: "Close",
    again: "Check again",
    checking: "One moment.",
    checking_title: "Checking",
    redeemed: "Used",
    used_already: "Already used",
    cannot: "It cannot be used",
    unknown: "No answer",
    used_when: (when, where) => (where ? `${when}, ${where}.` : `${when}.`),
    not_usable: "This coupon has expired or was withdrawn.",
    not_ours: "This coupon is not known here.",
    no_answer: "Whether it was used is not known yet. Checking again cannot use it twice.",
    member: "Member",

    check_in: "Check-in",
    check_in_label: "Scan a card, or type its number",
    check_in_button: "Check in",
    check_in_sending: tail => `Looking for …${tail}.`,
    check_in_accepted: name => (name ? `Welcome, ${name}.` : "Checked in."),
    check_in_duplicate: name => (name ? `${name} is checked in already.` : "Checked in already."),
    check_in_left_out: "Read. This card is not counted as a visit.",
    check_in_unknown: tail => `Nobody is enrolled with this card (…${tail}).`,
    check_in_refused: tail => `This is not a number we can read (…${tail}).`,
    check_in_no_answer: "No connection. The number is still there: please try again.",

    card_open: name => `Score card of ${name}`,
    card_note: "Press a line to see why.",
    card_none: "No scores yet. Every night they are made for all members.",
    card_no_answer: "No connection. Please close this and try again.",
    card_label: {
        stage: "Stage",
        rfm_r: "Recency (R)",
        rfm_f: "Frequency (F)",
        rfm_m: "Money (M)",
        next_visit_at: "Comes about",
        visit_hour_from: "Likeliest hours",
        p_visit_7d: "Within 7 days",
        p_alive: "Still a customer",
        p_purchase: "Buys again",
        propensity: "Buys this time",
    },
    card_rank: (rank, most) => `${rank} of ${most}`,
    card_next: (at, lo, hi) => `${at}${lo ? ` (between ${lo} and ${hi})` : ""}`,
    card_chance: p => `${p >= .75 ? "likely" : p >= .4 ? "maybe" : "unlikely"} · ${Math.round(p * 100)} %`,
    stage: {new: "new", light: "light", middle: "middle", core: "core", at_risk: "at risk",
            dormant: "dormant"},
    why: {
        new: f => `Bought on ${plural(f.purchase_days, "day", "days")} (fewer than ${f.purchases_below}), known for ${plural(f.seen_days, "day", "days")} (less than ${f.days_below}).`,
        dormant_days: f => `Not here for ${plural(f.silent_days, "day", "days")} (${f.days_from} or more).`,
        dormant_alive: f => `Still a customer: ${share(f.p_alive)}, below ${share(f.below)}.`,
        at_risk_alive: f => `Still a customer: ${share(f.p_alive)}, below ${share(f.below)}.`,
        core_sum: f => `R, F and M add up to ${f.rfm_sum} (${f.from} or more).`,
        middle_sum: f => `R, F and M add up to ${f.rfm_sum} (${f.from} or more).`,
        light: f => `R, F and M add up to ${f.rfm_sum} (less than ${f.below}).`,
        never_bought: () => "Has not bought yet.",
        rfm_r: f => `${plural(f.recency_days, "day", "days")} since the last time, ranked among all members.`,
        rfm_f: f => `Bought on ${plural(f.frequency, "day", "days")} in the last year, ranked among all members.`,
        rfm_m: () => "Spent in the last year, ranked among all members.",
        rhythm: f => `${plural(f.gaps, "gap", "gaps")} between visits so far, usually about ${plural(Math.round(f.typical_gap_days), "day", "days")}; last here ${plural(f.silent_days, "day", "days")} ago.`,
        hour_profile: f => `From the hours of earlier visits (${plural(f.gaps, "gap", "gaps")} between them).`,
        p_alive: f => record_en(f),
        p_purchase: f => `${record_en(f)} Within ${f.horizon_days} days.`,
        propensity: f => `${plural(f.streak, "visit", "visits")} in a row without buying, here for ${Math.round(f.dwell_min ?? 0)} min; bought on ${f.purchases} of ${plural(f.visits, "visit", "visits")}.`,
    },

    survey_open: "Survey",
    survey_ask: "Would you recommend us to friends or family?",
    survey_note: "Your name is not recorded.",
    survey_least: "0 · not at all",
    survey_most: "10 · very much",
    survey_score: n => `${n} out of 10`,
    survey_sending: "Sending.",
    survey_thanks: "Thank you",
    survey_thanks_note: "We look forward to seeing you again.",
    survey_no_answer: "No connection. Please press it again.",

    sign_out: "Sign out",
    sign_in: "Sign in",
    sign_in_note: "Enter this kiosk's token, once.",
    sign_in_label: "Token",
    sign_in_button: "Sign in",
    sign_in_wrong: "This token is not accepted.",
    sign_in_no_answer: "The store's computer does not answer. Please try again.",

    news_return: (name, n) => `Came back: ${name}, ${n} times without buying`,
    feed: {
        opened: () => "came in",
        ended: () => "left",
        return: i => `came back, ${i.streak}×`,
        coupon: () => "got a coupon",
        redeemed: () => "used a coupon",
        settled: i => (i.outcome === "purchase" ? "bought" : "bought nothing"),
    },
};

export const languages = {ja, en};

/** "ja" or "en": what was chosen before, else what the browser asks for. */
export const language_of = (remembered, preferred) =>
    languages[remembered] ? remembered : /^ja\b/i.test(preferred ?? "") ? "ja" : "en";

/** A coupon's text in the page's language, else in the first one that it has, else its code. */
export const offer_text = (coupon, tag) =>
    coupon.text?.[tag] ?? Object.values(coupon.text ?? {})[0] ?? coupon.offer ?? coupon.coupon;
